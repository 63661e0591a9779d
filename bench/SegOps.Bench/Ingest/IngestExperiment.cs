using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using SegOps.Bench.Reporting;
using SegOps.Bench.Running;

namespace SegOps.Bench.Ingest;

/// <summary>Measures the cost of validating and encoding an event.</summary>
internal static class IngestExperiment
{
    /// <summary>Runs the benchmarks in this process, without a separate build.</summary>
    /// <param name="job">Number and length of the iterations.</param>
    /// <param name="progress">Receives the progress.</param>
    internal static Outcome Run(Job job, Progress progress)
    {
        progress.Show($"{IngestBenchmarks.Events} events a batch, by BenchmarkDotNet");
        using var artifacts = new ScratchFolder();
        var config = ManualConfig.CreateEmpty()
            .AddJob(job.WithToolchain(InProcessEmitToolchain.Instance))
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddLogger(NullLogger.Instance)
            .WithArtifactsPath(artifacts.Path)
            .WithOptions(ConfigOptions.DisableOptimizationsValidator); // The report mentions a build that is not optimized.
        var summary = BenchmarkRunner.Run<IngestBenchmarks>(config);
        return new Outcome
        {
            Conditions = $"Batches of {IngestBenchmarks.Events} events of {new IngestBenchmarks().BytesPerEvent:F0} bytes, one core.",
            Tables = summary.Reports.All(report => report.Success) ? [TableOf(summary)] : [],
            Faults = [.. summary.ValidationErrors.Where(error => error.IsCritical).Select(error => error.Message)],
        };
    }

    private static Table TableOf(Summary summary)
    {
        var walk = Nanoseconds(summary.Reports.Single(report => NameOf(report) == nameof(IngestBenchmarks.Walk)));
        var table = new Table("work", "ns an event", "ratio", "events a second and core", "bytes allocated an event");
        foreach (var report in summary.Reports)
        {
            var time = Nanoseconds(report);
            var bytes = report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0;
            table.Add(NameOf(report), Cell.Of(time, "F0"), Cell.Of(time / walk, "F2"), Cell.Of(1e9 / time, "N0"), Cell.Of(bytes, "N0"));
        }
        return table;
    }

    private static string NameOf(BenchmarkReport report) => report.BenchmarkCase.Descriptor.WorkloadMethod.Name;

    private static double Nanoseconds(BenchmarkReport report) => report.ResultStatistics!.Median;
}
