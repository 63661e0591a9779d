using System.Text.RegularExpressions;

namespace SegOps.Tests.Unit.Docs;

/// <summary>Holds docs/telemetry.md against what the code creates.</summary>
public partial class TelemetryTests
{
    private static readonly string[] Projects =
        ["SegOps.ServiceDefaults", "libs/SegOps.InternalApi", "libs/SegOps.PubSub", "SegOps.Gateway", "SegOps.Ingestion", "SegOps.Ingestor", "SegOps.Monitoring", "SegOps.Segments"];

    private static readonly string Code = string.Join('\n', Projects.SelectMany(Repository.Sources));
    private static readonly string Catalogue = Repository.Read("docs/telemetry.md");

    [Fact]
    public void Telemetry_EveryInstrument_IsListedWithItsKindAndUnit()
    {
        var created = Instrument().Matches(Code).Select(match => Row(match, match.Groups["kind"].Value.ToLowerInvariant()));
        var listed = ListedInstrument().Matches(Catalogue).Select(match => Row(match, match.Groups["kind"].Value));

        Assert.Equal(created.Order(), listed.Order());
    }

    [Fact]
    public void Telemetry_EveryInstrument_IsCreatedInTheFormThatTheseTestsRead() =>
        Assert.Equal(AnyInstrument().Count(Code), Instrument().Count(Code));

    [Fact]
    public void Telemetry_EverySourceAndMeter_IsListed() => Assert.All(
        SourceOrMeter().Matches(Code).Select(match => match.Groups["name"].Value).Distinct(),
        name => Assert.Contains($"`{name}`", Catalogue, StringComparison.Ordinal));

    [Fact]
    public void Telemetry_EverySpan_IsListed() => Assert.All(
        Span().Matches(Code).Select(match => match.Groups["name"].Value.TrimEnd()).Distinct(),
        name => Assert.Contains($"| `{name}", Catalogue, StringComparison.Ordinal));

    private static string Row(Match match, string kind) => $"{match.Groups["name"].Value}, {kind}, unit {match.Groups["unit"].Value}";

    [GeneratedRegex("""\.Create(Observable)?(?<kind>Counter|UpDownCounter|Histogram|Gauge)(<\w+>)?\(\s*"(?<name>[^"]+)"(,[^"]*"(?<unit>\{[a-z]+\}|s|By)"[,)])?""")]
    private static partial Regex Instrument();

    [GeneratedRegex(@"\.Create(Observable)?(Counter|UpDownCounter|Histogram|Gauge)\b")]
    private static partial Regex AnyInstrument();

    [GeneratedRegex(@"^\| `(?<name>[a-z_.]+)` \| (?<kind>counter|updowncounter|histogram|gauge) \| (`(?<unit>[^`]+)`|none) \|", RegexOptions.Multiline)]
    private static partial Regex ListedInstrument();

    [GeneratedRegex("""(Name = |Create\(|ActivitySource\()"(?<name>SegOps\.\w+)["]""")]
    private static partial Regex SourceOrMeter();

    [GeneratedRegex("""StartActivity\(\s*\$?"(?<name>[^"{]+)""")]
    private static partial Regex Span();
}
