using System.Globalization;
using SegOps.Bench.Reporting;
using SegOps.Bench.Running;
using SegOps.Bench.Write;
using SegOps.Contracts;

namespace SegOps.Bench.Pipeline;

/// <summary>How many events a second go from a client through everything into ClickHouse, what each costs, and how soon it can be queried.</summary>
internal sealed class PipelineExperiment(PipelineRig rig, PipelineOptions options, Action<string> progress)
{
    /// <summary>How often a rate that the search found is lowered by a tenth when it is not sustained for long.</summary>
    private const int MostLowered = 4;

    private static readonly double[] Fractions = [0.1, 0.5, 0.9];
    private static readonly LoadKind[] Kinds = [new(EventLimits.MaxBatchEvents), new(1)];
    private static readonly LoadKind[] Sizes = [new(1), new(10), new(100), new(EventLimits.MaxBatchEvents)];

    /// <summary>
    /// Measures each kind of requests with a system of its own, for the emulator keeps all that it was ever given; in the short form all with one.
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
        foreach (var some in steps.Chunk(options.IsShort ? steps.Count : 1))
        {
            var (total, baseline) = await RunAsync(some, options, progress, cancellationToken);
            totals.Add(total);
            baselines.Add(baseline);
        }
        return PipelineReport.Of(options, new PipelineFigures(kinds, sizes, totals.Aggregate((one, other) => one + other), Statistics.Median(baselines)));
    }

    private static async Task<(RigTotals Totals, double Baseline)> RunAsync(
        IEnumerable<Func<PipelineExperiment, Task>> steps, PipelineOptions options, Progress progress, CancellationToken cancellationToken)
    {
        progress.Say("Starting the system");
        await using var bench = await BenchSystem.StartAsync(cancellationToken);
        progress.Say(StorageBaseline.Name);
        var baseline = options.BaselineEvents / await StorageBaseline.SecondsAsync(bench.System, options.BaselineEvents, cancellationToken);
        await using var generator = await LoadGenerator.StartAsync(bench.System.GatewayUrl, cancellationToken);
        var rig = await PipelineRig.CreateAsync(bench.System, generator, cancellationToken);
        foreach (var step in steps)
            await step(new PipelineExperiment(rig, options, progress.Say));
        progress.Say("Counting what is stored");
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
            Say(kind, "freshness at", rate);
            var (run, fresh) = await rig.ProbeAsync(kind, Math.Max(kind.Events, rate - FreshnessProbes.PerSecond), options.Freshness, cancellationToken);
            freshness.Add(new FreshnessFigures(fraction, run, fresh));
        }
        return new KindFigures(kind, sustained, freshness);
    }

    /// <summary>The highest rate that short runs sustain.</summary>
    private async Task<double> MaximumAsync(LoadKind kind, CancellationToken cancellationToken)
    {
        if (options.IsShort)
            return PipelineOptions.ShortRate(kind);
        progress($"{kind.Name}: as many as are answered");
        var estimate = await rig.RunAsync(kind, null, options.Estimate, cancellationToken);
        return await RateSearch.HighestAsync(estimate.Load.EventsPerSecond, options.Steps, async rate =>
        {
            Say(kind, "trying", rate);
            return (await rig.RunAsync(kind, rate, options.Step, cancellationToken)).IsSustained;
        });
    }

    /// <summary>The long run, at a lower rate as long as it is not sustained.</summary>
    private async Task<PipelineRun> SustainAsync(LoadKind kind, double rate, CancellationToken cancellationToken)
    {
        for (var lowered = 0; ; lowered++)
        {
            Say(kind, "sustaining", rate);
            var run = await rig.RunAsync(kind, rate, options.Sustained, cancellationToken);
            if (run.IsSustained || lowered == MostLowered || options.IsShort)
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

    private void Say(LoadKind kind, string what, double rate) =>
        progress(string.Create(CultureInfo.InvariantCulture, $"{kind.Name}: {what} {rate:N0} events a second"));
}
