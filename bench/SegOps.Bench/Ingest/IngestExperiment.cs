using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using SegOps.Bench.Reporting;

namespace SegOps.Bench.Ingest;

/// <summary>What validating and encoding an event costs Ingestion.</summary>
internal static class IngestExperiment
{
    /// <summary>Runs the benchmarks in this process, which needs no build of its own.</summary>
    internal static int Run()
    {
        var config = ManualConfig.CreateEmpty()
            .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance))
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddLogger(NullLogger.Instance);
        Console.WriteLine($"Events of {new IngestBenchmarks().BytesPerEvent:F0} bytes, {IngestBenchmarks.Events} a batch; a minute or two ...");
        var summary = BenchmarkRunner.Run<IngestBenchmarks>(config);
        var walk = Nanoseconds(summary.Reports.Single(report => NameOf(report) == nameof(IngestBenchmarks.Walk)));
        var table = new Table("work", "ns an event", "ratio", "events a second and core", "bytes allocated an event");
        foreach (var report in summary.Reports)
        {
            var time = Nanoseconds(report);
            var bytes = report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0;
            table.Add(NameOf(report), Text(time, "F0"), Text(time / walk, "F2"), Text(1e9 / time, "N0"), Text(bytes, "N0"));
        }
        Console.WriteLine(table);
        return summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success) ? 1 : 0;
    }

    private static string NameOf(BenchmarkReport report) => report.BenchmarkCase.Descriptor.WorkloadMethod.Name;

    private static double Nanoseconds(BenchmarkReport report) => report.ResultStatistics!.Median;

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
