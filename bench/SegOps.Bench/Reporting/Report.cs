using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SegOps.Bench.Reporting;

/// <summary>The report of a benchmark run, as Markdown and JSON.</summary>
/// <param name="MadeAt">Start of the run.</param>
/// <param name="Machine">The machine.</param>
/// <param name="Experiments">The experiments, in order of execution.</param>
internal sealed record Report(DateTimeOffset MadeAt, Machine Machine, IReadOnlyList<Reported> Experiments)
{
    /// <summary>Name of the JSON file.</summary>
    internal const string JsonFile = "report.json";

    /// <summary>Name of the Markdown file.</summary>
    internal const string MarkdownFile = "report.md";

    /// <summary>Writes both files into <paramref name="folder"/>. Creates the folder and replaces existing files.</summary>
    internal void Write(DirectoryInfo folder)
    {
        folder.Create();
        File.WriteAllText(Path.Combine(folder.FullName, JsonFile), JsonSerializer.Serialize(this, ReportJson.Default.Report));
        File.WriteAllText(Path.Combine(folder.FullName, MarkdownFile), Markdown());
    }

    private string Markdown()
    {
        var text = new StringBuilder()
            .AppendLine("# Benchmark of SegOps").AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"{MadeAt:yyyy-MM-dd HH:mm} UTC. {Machine}.").AppendLine();
        foreach (var experiment in Experiments)
            text.AppendLine(CultureInfo.InvariantCulture, $"## {experiment.Name}").AppendLine().AppendLine(experiment.Describe());
        return text.ToString();
    }
}

/// <summary>One experiment of a run.</summary>
/// <param name="Name">Name of its command.</param>
/// <param name="Seconds">Its duration.</param>
/// <param name="Outcome">Its result.</param>
internal sealed record Reported(string Name, double Seconds, Outcome Outcome)
{
    /// <summary>Formats the outcome as Markdown without a heading.</summary>
    internal string Describe()
    {
        var text = new StringBuilder().AppendLine(Outcome.Conditions).AppendLine();
        foreach (var table in Outcome.Tables)
            text.AppendLine(table.ToString());
        foreach (var count in Outcome.Counts)
            text.AppendLine(CultureInfo.InvariantCulture, $"- {count}.");
        foreach (var failure in Outcome.Failures)
            text.AppendLine(CultureInfo.InvariantCulture, $"- **FAILED**: {failure}");
        return text.ToString().TrimEnd() + Environment.NewLine;
    }
}

/// <summary>Names in snake case, as in the API.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(Report))]
internal sealed partial class ReportJson : JsonSerializerContext;
