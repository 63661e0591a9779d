using System.Globalization;
using SegOps.Bench.Reporting;
using SegOps.Bench.Running;
using SegOps.Bench.Write;
using SegOps.Contracts;

namespace SegOps.Bench.Pipeline;

/// <summary>Measures the pipeline from a client into ClickHouse: events a second, cost of an event, and freshness.</summary>
internal sealed class PipelineExperiment(PipelineRig rig, PipelineOptions options, Action<string> progress)
{
    /// <summary>How often the rate is lowered by a tenth if the long run does not sustain it.</summary>
    private const int MaxReductions = 4;

    private static readonly double[] Fractions = [0.1, 0.5, 0.9];
    private static readonly LoadKind[] Kinds = [new(EventLimits.MaxBatchEvents), new(1)];
    private static readonly LoadKind[] Sizes = [new(1), new(10), new(100), new(EventLimits.MaxBatchEvents)];

    /// <summary>
    /// Measures each kind of request with a new system, because the emulator keeps every message. The short form uses one system.
    /// </summary>
    internal static async Task<Outcome> RunAsync(PipelineOptions options, Progress progress, CancellationToken cancellationToken)
    {
        List<KindFigures> kinds = [];
        List<SizeFigures> sizes = [];
        List<Func<PipelineExperiment, Task>> steps =
        [
            .. Kinds.Select(kind => (Func<PipelineExperiment, Task>)(async with => kinds.Add(await with.MeasureAsync(kind, cancellationToken)))),
            async with =>
            {
                foreach (var kind in Sizes)
                    sizes.Add(await with.SizeAsync(kind, cancellationToken));
            },
        ];
        List<RigTotals> totals = [];
        List<double> baselines = [];
        foreach (var group in steps.Chunk(options.IsShort ? steps.Count : 1))
        {
            var (total, baseline) = await RunAsync(group, options, progress, cancellationToken);
            totals.Add(total);
            baselines.Add(baseline);
        }
        return PipelineReport.Of(options, new PipelineFigures(kinds, sizes, totals.Aggregate((one, other) => one + other), Statistics.Median(baselines)));
    }

    private static async Task<(RigTotals Totals, double Baseline)> RunAsync(
        IEnumerable<Func<PipelineExperiment, Task>> steps, PipelineOptions options, Progress progress, CancellationToken cancellationToken)
    {
        progress.Show("Starting the system");
        await using var bench = await BenchSystem.StartAsync(cancellationToken);
        progress.Show(StorageBaseline.Name);
        var baseline = options.BaselineEvents / await StorageBaseline.SecondsAsync(bench.System, options.BaselineEvents, cancellationToken);
        await using var generator = await LoadGenerator.StartAsync(bench.System.GatewayUrl, cancellationToken);
        var rig = await PipelineRig.CreateAsync(bench.System, generator, cancellationToken);
        foreach (var step in steps)
            await step(new PipelineExperiment(rig, options, progress.Show));
        progress.Show("Counting stored events");
        return (new RigTotals(await rig.StoredAsync(cancellationToken), rig.Refused, rig.IsEachProbeFound), baseline);
    }

    private async Task<KindFigures> MeasureAsync(LoadKind kind, CancellationToken cancellationToken)
    {
        progress($"{kind.Name}: warming up");
        await rig.WarmUpAsync(kind, options.IsShort ? PipelineOptions.ShortRate(kind) : null, options.WarmUp, cancellationToken);
        var sustained = await SustainAsync(kind, await MaximumAsync(kind, cancellationToken), cancellationToken);
        var freshness = new List<FreshnessFigures>();
        foreach (var fraction in Fractions)
        {
            var rate = fraction * sustained.Load.EventsPerSecond;
            Show(kind, "freshness at", rate);
            var (run, fresh) = await rig.ProbeAsync(kind, Math.Max(kind.Events, rate - FreshnessProbes.PerSecond), options.Freshness, cancellationToken);
            freshness.Add(new FreshnessFigures(fraction, run, fresh));
        }
        return new KindFigures(kind, sustained, freshness);
    }

    /// <summary>Searches for the highest rate that short runs sustain.</summary>
    private async Task<double> MaximumAsync(LoadKind kind, CancellationToken cancellationToken)
    {
        if (options.IsShort)
            return PipelineOptions.ShortRate(kind);
        progress($"{kind.Name}: estimating the maximum");
        var estimate = await rig.RunAsync(kind, null, options.Estimate, cancellationToken);
        return await RateSearch.HighestAsync(estimate.Load.EventsPerSecond, options.Steps, async rate =>
        {
            Show(kind, "testing", rate);
            return (await rig.RunAsync(kind, rate, options.Step, cancellationToken)).IsSustained;
        });
    }

    /// <summary>Runs at <paramref name="rate"/>, and lowers it until the run is sustained.</summary>
    private async Task<PipelineRun> SustainAsync(LoadKind kind, double rate, CancellationToken cancellationToken)
    {
        for (var reductions = 0; ; reductions++)
        {
            Show(kind, "sustaining", rate);
            var run = await rig.RunAsync(kind, rate, options.Sustained, cancellationToken);
            if (run.IsSustained || reductions == MaxReductions || options.IsShort)
                return run;
            rate *= 0.9;
        }
    }

    private async Task<SizeFigures> SizeAsync(LoadKind kind, CancellationToken cancellationToken)
    {
        progress($"{kind.Name}: cost of an event");
        if (!options.IsShort)
            await rig.WarmUpAsync(kind, null, options.WarmUp, cancellationToken);
        var rate = options.IsShort ? PipelineOptions.ShortRate(kind) : (await rig.RunAsync(kind, null, options.Size, cancellationToken)).Load.EventsPerSecond;
        return new SizeFigures(kind, rate, await rig.RunAsync(kind, rate / 2, options.Size, cancellationToken));
    }

    private void Show(LoadKind kind, string what, double rate) =>
        progress(string.Create(CultureInfo.InvariantCulture, $"{kind.Name}: {what} {rate:N0} events a second"));
}
