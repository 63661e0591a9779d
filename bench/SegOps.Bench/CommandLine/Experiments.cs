using BenchmarkDotNet.Jobs;
using SegOps.Bench.Accounts;
using SegOps.Bench.Backlog;
using SegOps.Bench.Gateway;
using SegOps.Bench.Ingest;
using SegOps.Bench.Monitor;
using SegOps.Bench.Neighbours;
using SegOps.Bench.Pipeline;
using SegOps.Bench.Running;
using SegOps.Bench.Segments;
using SegOps.Bench.Start;
using SegOps.Bench.Write;

namespace SegOps.Bench.CommandLine;

/// <summary>Creates the experiments with their arguments.</summary>
internal static class Experiments
{
    /// <summary>The experiments of docs/performance.md, the longest last.</summary>
    internal static IReadOnlyList<Experiment> All =>
    [
        Ingest(), Gateway(5, TimeSpan.FromSeconds(5)), Write(5, 500_000), Start(5), Pipeline(TimeSpan.FromSeconds(60)), Backlog(5_000_000),
        Monitor([1_000_000, 10_000_000, 100_000_000], 5),
    ];

    /// <summary>The shortest form of each.</summary>
    internal static IReadOnlyList<Experiment> Smoke =>
    [
        Ingest(Job.Dry), Gateway(1, TimeSpan.FromSeconds(0.3)), Write(1, 1_000), Start(1), Pipeline(TimeSpan.FromSeconds(1)), Backlog(5_000), Monitor([100], 1),
        Accounts(projects: 10, rate: 1_000, seconds: 30, eventSeconds: 15), Neighbours(seconds: 1, []), Segments(users: 1_000, rounds: 1),
    ];

    internal static Experiment Ingest(Job? job = null) => new("ingest", (progress, _) => Task.Run(() => IngestExperiment.Run(job ?? Job.Default, progress)));

    internal static Experiment Gateway(int rounds, TimeSpan length) =>
        new("gateway", (progress, cancellationToken) => GatewayExperiment.RunAsync(rounds, length, progress, cancellationToken));

    internal static Experiment Write(int rounds, int events) =>
        new("write", (progress, cancellationToken) => WriteExperiment.RunAsync(rounds, events, progress, cancellationToken));

    internal static Experiment Start(int rounds) =>
        new("start", (progress, cancellationToken) => StartExperiment.RunAsync(rounds, progress, cancellationToken));

    internal static Experiment Pipeline(TimeSpan sustained) =>
        new("pipeline", (progress, cancellationToken) => PipelineExperiment.RunAsync(PipelineOptions.Of(sustained), progress, cancellationToken));

    internal static Experiment Backlog(long events) =>
        new("backlog", (progress, cancellationToken) => BacklogExperiment.RunAsync(events, progress, cancellationToken));

    internal static Experiment Accounts(int projects, int rate, int seconds, int eventSeconds) =>
        new("accounts", (progress, cancellationToken) => AccountsExperiment.RunAsync(projects, rate, seconds, eventSeconds, progress, cancellationToken));

    internal static Experiment Neighbours(int seconds, IReadOnlyCollection<string> only) =>
        new("neighbours", (progress, cancellationToken) => NeighboursExperiment.RunAsync(seconds, only, progress, cancellationToken));

    internal static Experiment Segments(long users, int rounds) =>
        new("segments", (progress, cancellationToken) => SegmentsExperiment.RunAsync(users, rounds, progress, cancellationToken));

    internal static Experiment Monitor(IReadOnlyList<long> sizes, int rounds) =>
        new("monitor", (progress, cancellationToken) => MonitorExperiment.RunAsync(sizes, rounds, progress, cancellationToken));
}
