using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace SegOps.Tests.Unit.Docs;

/// <summary>Holds the tables of docs/settings.md against the options classes.</summary>
public partial class SettingsTests
{
    private static readonly string[] Assemblies =
        ["SegOps.ServiceDefaults", "SegOps.InternalApi", "SegOps.PubSub", "SegOps.Warehouse", "SegOps.Gateway", "SegOps.Ingestion", "SegOps.Ingestor", "SegOps.Monitoring", "SegOps.Segments"];

    /// <summary>Sections whose settings the table of connection strings describes.</summary>
    private const string ConnectionStrings = "ConnectionStrings";

    [Fact]
    public void SettingsPage_EverySetting_IsListedWithItsDefault()
    {
        var documented = Row().Matches(Repository.Read("docs/settings.md"))
            .Select(match => $"{match.Groups[1].Value} = {match.Groups[2].Value}")
            .Order();

        Assert.Equal(OptionsClasses().SelectMany(type => Settings(SectionOf(type)!, Activator.CreateInstance(type)!)).Order(), documented);
    }

    private static IEnumerable<Type> OptionsClasses() => Assemblies
        .SelectMany(name => Assembly.Load(name).GetTypes())
        .Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal) && SectionOf(type) is not (null or ConnectionStrings));

    private static string? SectionOf(Type options) =>
        options.GetField("Section", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)?.GetRawConstantValue() as string;

    private static IEnumerable<string> Settings(string section, object options) => options.GetType().GetProperties()
        .Where(property => property.CanWrite && property.Name != "ConnectionString")
        .SelectMany(property => property.GetValue(options) is { } value && value.GetType().Name.EndsWith("Options", StringComparison.Ordinal)
            ? Settings($"{section}:{property.Name}", value)
            : [$"{section}:{property.Name} = {Text(property.GetValue(options))}"]);

    private static string Text(object? value) => value switch
    {
        null or "" => "none",
        bool flag => flag ? "true" : "false",
        TimeSpan { Ticks: var ticks } span when ticks % TimeSpan.TicksPerSecond != 0 => span.ToString("c", CultureInfo.InvariantCulture).TrimEnd('0'),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    [GeneratedRegex(@"^\| `(\w+(?::\w+)+)` \| `?([^`|]+?)`? \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
