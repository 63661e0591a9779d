using System.Globalization;
using SegOps.Bench.Reporting;

namespace SegOps.Bench.Pipeline;

/// <summary>Figures of the pipeline as tables.</summary>
internal static class PipelineReport
{
    /// <summary>What was measured under which conditions.</summary>
    internal static string Conditions(PipelineOptions options) => string.Create(CultureInfo.InvariantCulture,
        $"{options.Sustained.TotalSeconds:0.##} s at the maximum, {options.Freshness.TotalSeconds:0.##} s for each freshness, everything and the load on {Environment.ProcessorCount} cores.{(options.IsShort ? " SHORT FORM: small rates instead of the maximum." : "")}");

    /// <summary>Whether it is all there.</summary>
    internal static string Summary(PipelineFigures figures) => string.Create(CultureInfo.InvariantCulture,
        $"{figures.Stored.Accepted:N0} events accepted, {figures.Stored.Events:N0} stored; {figures.Stored.Rows - figures.Stored.Events:N0} rows are there twice. {figures.Refused:N0} answers were not 202.{(figures.IsEachProbeFound ? "" : " SOME PROBES WERE NOT FOUND.")}");

    /// <summary>Throughput, cost and memory, freshness, and what batches save.</summary>
    internal static IReadOnlyList<Table> Tables(PipelineFigures figures) =>
        [Maximum(figures.Kinds), Parts(figures.Kinds), Fresh(figures.Kinds), Sizes(figures.Sizes)];

    private static Table Maximum(IReadOnlyList<KindFigures> kinds)
    {
        var table = new Table(
            "maximum", "events a second", "sustained", "backlog after a third", "at the end", "stored s after the last 202", "answers median ms", "p99 ms");
        foreach (var (kind, run, _, _) in kinds)
            table.Add(
                kind.Name, Text(run.Load.EventsPerSecond, "N0"), run.IsSustained ? "yes" : "NO", Text(run.Backlog.AtThird, "N0"), Text(run.Backlog.AtEnd, "N0"),
                Text(run.Drained.TotalSeconds, "F1"), Text(run.Load.MedianMilliseconds, "F1"), Text(run.Load.P99Milliseconds, "F1"));
        return table;
    }

    private static Table Parts(IReadOnlyList<KindFigures> kinds)
    {
        var table = new Table(["at the maximum", .. kinds.SelectMany(kind => (string[])[$"{kind.Kind.Name}, CPU microseconds an event", "peak MB"])]);
        foreach (var part in kinds[0].Sustained.Parts.Select(part => part.Part))
            table.Add([part, .. kinds.Select(kind => kind.Sustained.Of(part)).SelectMany(of => (string[])[Text(of.CpuMicroseconds, "F2"), Text(of.PeakMegabytes, "F0")])]);
        table.Add([string.Join(" + ", PipelineRig.Services), .. kinds.SelectMany(kind => (string[])[Text(OfServices(kind.Sustained), "F2"), ""])]);
        return table;
    }

    private static Table Fresh(IReadOnlyList<KindFigures> kinds)
    {
        var table = new Table("freshness", "of the maximum", "events a second", "probes", "median ms", "p95 ms", "p99 ms", "resolution ms", "backlog at the end");
        foreach (var kind in kinds)
            foreach (var (fraction, run, fresh) in kind.Freshness)
                table.Add(
                    kind.Kind.Name, Text(fraction, "0 %"), Text(run.Load.EventsPerSecond, "N0"), Text(fresh.Milliseconds.Count, "N0"), Text(fresh.Percentile(0.5), "F0"),
                    Text(fresh.Percentile(0.95), "F0"), Text(fresh.Percentile(0.99), "F0"), Text(fresh.Resolution, "F0"), Text(run.Backlog.AtEnd, "N0"));
        return table;
    }

    private static Table Sizes(IReadOnlyList<SizeFigures> sizes)
    {
        var table = new Table([
            "CPU microseconds an event", "events a second", "at most answered", .. PipelineRig.Services, "together", "answers median ms"]);
        foreach (var (kind, answered, run) in sizes)
            table.Add([
                kind.Name, Text(run.Load.EventsPerSecond, "N0"), Text(answered, "N0"), .. PipelineRig.Services.Select(part => Text(run.Of(part).CpuMicroseconds, "F2")),
                Text(OfServices(run), "F2"), Text(run.Load.MedianMilliseconds, "F1")]);
        return table;
    }

    private static double OfServices(PipelineRun run) => PipelineRig.Services.Sum(part => run.Of(part).CpuMicroseconds);

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
