using System.Diagnostics;
using SegOps.Bench.Reporting;

namespace SegOps.Bench.Soak;

/// <summary>Resources of a process at one time.</summary>
/// <param name="Megabytes">Resident memory, in 10^6 bytes.</param>
/// <param name="Handles">Open handles, such as files and sockets.</param>
/// <param name="Threads">Threads of the operating system.</param>
internal sealed record ProcessFigures(double Megabytes, double Handles, double Threads)
{
    /// <summary>Samples a process.</summary>
    /// <exception cref="ArgumentException">The process is not running.</exception>
    internal static ProcessFigures Of(int processId)
    {
        using var process = Process.GetProcessById(processId);
        return new ProcessFigures(process.WorkingSet64 / 1e6, process.HandleCount, process.Threads.Count);
    }

    /// <summary>The median of each figure.</summary>
    internal static ProcessFigures MedianOf(IReadOnlyCollection<ProcessFigures> samples) => new(
        Statistics.Median(samples.Select(sample => sample.Megabytes)), Statistics.Median(samples.Select(sample => sample.Handles)), Statistics.Median(samples.Select(sample => sample.Threads)));
}
