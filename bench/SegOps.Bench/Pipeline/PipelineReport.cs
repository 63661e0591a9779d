using System.Globalization;
using SegOps.Bench.Reporting;
using SegOps.Bench.Write;

namespace SegOps.Bench.Pipeline;

/// <summary>Formats the results of the pipeline as tables.</summary>
internal static class PipelineReport
{
    /// <summary>Reports throughput, cost, memory, freshness, cost by request size, and completeness.</summary>
    internal static Outcome Of(PipelineOptions options, PipelineFigures figures) => new()
    {
        Conditions = string.Create(CultureInfo.InvariantCulture,
            $"{options.Sustained.TotalSeconds:0.##} s at the maximum, {options.Freshness.TotalSeconds:0.##} s for each freshness; {figures.Totals.Stored.Rows - figures.Totals.Stored.Events:N0} rows are stored twice.{(options.IsShort ? " SHORT FORM: small rates instead of the maximum." : "")}"),
        Tables = [Maximum(figures.Kinds, figures.Baseline), Parts(figures.Kinds), Fresh(figures.Kinds), Sizes(figures.Sizes)],
        Counts =
        [
            new ExactCount("Events stored of those accepted", figures.Totals.Stored.Accepted, figures.Totals.Stored.Events),
            new ExactCount("Answers other than 202", 0, figures.Totals.Refused),
        ],
        Faults = figures.Totals.IsEachProbeFound ? [] : ["Some freshness probes were not found."],
    };

    private static Table Maximum(IReadOnlyList<KindFigures> kinds, double baseline)
    {
        var table = new Table(
            "maximum", "events a second", "ratio", "sustained", "backlog after a third", "at the end", "stored s after the last 202", "answers median ms", "p99 ms");
        table.Add(StorageBaseline.Name, Cell.Of(baseline, "N0"), Cell.Of(1, "F2"), "", "", "", "", "", "");
        foreach (var (kind, run, _) in kinds)
            table.Add(
                kind.Name, Cell.Of(run.Load.EventsPerSecond, "N0"), Cell.Of(run.Load.EventsPerSecond / baseline, "F2"), run.IsSustained ? "yes" : "NO", Cell.Of(run.Backlog.AtThird, "N0"), Cell.Of(run.Backlog.AtEnd, "N0"),
                Cell.Of(run.Drained.TotalSeconds, "F1"), Cell.Of(run.Load.MedianMilliseconds, "F1"), Cell.Of(run.Load.P99Milliseconds, "F1"));
        return table;
    }

    private static Table Parts(IReadOnlyList<KindFigures> kinds)
    {
        var table = new Table(["at the maximum", .. kinds.SelectMany(kind => (string[])[$"{kind.Kind.Name}, CPU microseconds an event", "peak MB"])]);
        foreach (var part in kinds[0].Sustained.Parts.Select(part => part.Part))
            table.Add([part, .. kinds.Select(kind => kind.Sustained.Of(part)).SelectMany(of => (Cell[])[Cell.Of(of.CpuMicroseconds, "F2"), Cell.Of(of.PeakMegabytes, "F0")])]);
        table.Add([string.Join(" + ", PipelineRig.Services), .. kinds.SelectMany(kind => (Cell[])[Cell.Of(OfServices(kind.Sustained), "F2"), ""])]);
        return table;
    }

    private static Table Fresh(IReadOnlyList<KindFigures> kinds)
    {
        var table = new Table("freshness", "of the maximum", "events a second", "probes", "median ms", "p95 ms", "p99 ms", "resolution ms", "backlog at the end");
        foreach (var kind in kinds)
            foreach (var (fraction, run, fresh) in kind.Freshness)
                table.Add(
                    kind.Kind.Name, Cell.Of(fraction, "0 %"), Cell.Of(run.Load.EventsPerSecond, "N0"), Cell.Of(fresh.Milliseconds.Count, "N0"), Cell.Of(fresh.Percentile(0.5), "F0"),
                    Cell.Of(fresh.Percentile(0.95), "F0"), Cell.Of(fresh.Percentile(0.99), "F0"), Cell.Of(fresh.Resolution, "F0"), Cell.Of(run.Backlog.AtEnd, "N0"));
        return table;
    }

    private static Table Sizes(IReadOnlyList<SizeFigures> sizes)
    {
        var table = new Table([
            "CPU microseconds an event", "events a second", "at most answered", .. PipelineRig.Services, "together", "answers median ms"]);
        foreach (var (kind, answered, run) in sizes)
            table.Add([
                kind.Name, Cell.Of(run.Load.EventsPerSecond, "N0"), Cell.Of(answered, "N0"), .. PipelineRig.Services.Select(part => Cell.Of(run.Of(part).CpuMicroseconds, "F2")),
                Cell.Of(OfServices(run), "F2"), Cell.Of(run.Load.MedianMilliseconds, "F1")]);
        return table;
    }

    private static double OfServices(PipelineRun run) => PipelineRig.Services.Sum(part => run.Of(part).CpuMicroseconds);
}
