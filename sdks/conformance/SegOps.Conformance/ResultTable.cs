using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using SegOps.Conformance.Scenarios;
using SegOps.Conformance.Sdks;

namespace SegOps.Conformance;

/// <summary>Collects what each SDK did in each scenario. A run of all of them with all scenarios writes it to docs/sdks.md.</summary>
public sealed class ResultTable : IDisposable
{
    private const string Begins = "<!-- conformance: written by sdks/conformance -->";
    private const string Ends = "<!-- /conformance -->";

    private readonly ConcurrentDictionary<(string Sdk, string Scenario), string> _results = new();

    /// <summary>The scenario is skipped, unless one of the others follows.</summary>
    public void Begin(string sdk, string scenario) => _results[(sdk, scenario)] = "skipped";

    /// <summary>The scenario has failed, unless it passes.</summary>
    public void Fail(string sdk, string scenario) => _results[(sdk, scenario)] = "**failed**";

    /// <summary>The scenario has passed.</summary>
    public void Pass(string sdk, string scenario) => _results[(sdk, scenario)] = "passed";

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_results.IsEmpty)
            return;
        Console.WriteLine($"Each persistent client was killed {PersistenceScenarios.Kills} times.");
        var expected = Sdk.All.SelectMany(sdk => AllScenarios.All.Where(scenario => sdk.Persists || !scenario.IsOfPersistence).Select(scenario => (sdk.Name, scenario.ToString())));
        var page = Path.GetFullPath(Path.Combine(Sdk.Root, "..", "docs", "sdks.md"));
        if (!expected.All(_results.ContainsKey) || !File.Exists(page))
            return;
        var text = File.ReadAllText(page);
        var (from, to) = (text.IndexOf(Begins, StringComparison.Ordinal), text.IndexOf(Ends, StringComparison.Ordinal));
        if (from >= 0 && to > from)
            File.WriteAllText(page, text[..(from + Begins.Length)] + "\n" + Table() + text[to..]);
    }

    private string Table()
    {
        var table = new StringBuilder().Append("\n| # | scenario |");
        foreach (var sdk in Sdk.All)
            table.Append(CultureInfo.InvariantCulture, $" {sdk} |");
        table.Append("\n|---|---|").Insert(table.Length, "---|", Sdk.All.Count).Append('\n');
        foreach (var scenarios in AllScenarios.All.GroupBy(scenario => scenario.Number))
        {
            table.Append(CultureInfo.InvariantCulture, $"| {scenarios.Key} | {AllScenarios.Titles[scenarios.Key - 1]} |");
            foreach (var sdk in Sdk.All)
                table.Append(CultureInfo.InvariantCulture, $" {Cell([.. scenarios.Select(each => _results.GetValueOrDefault((sdk.Name, each.ToString())))])} |");
            table.Append('\n');
        }

        return table.Append('\n').ToString();
    }

    /// <summary>One word for all scenarios of a number; the worst of them.</summary>
    private static string Cell(string?[] results) =>
        results.Contains("**failed**") ? "**failed**" : results.Contains("skipped") ? "skipped" : results.Contains("passed") ? "passed" : "–";
}
