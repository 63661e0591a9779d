using System.Diagnostics;
using SegOps.Bench.Reporting;

namespace SegOps.Bench.Soak;

/// <summary>What a process holds at a moment.</summary>
/// <param name="Megabytes">Resident memory, in 10^6 bytes.</param>
/// <param name="Handles">Open files, sockets and the like.</param>
/// <param name="Threads">Threads of the operating system.</param>
internal sealed record ProcessFigures(double Megabytes, double Handles, double Threads)
{
    /// <summary>Looks at a process.</summary>
    /// <exception cref="ArgumentException">It does not run.</exception>
    internal static ProcessFigures Of(int processId)
    {
        using var process = Process.GetProcessById(processId);
        return new ProcessFigures(process.WorkingSet64 / 1e6, process.HandleCount, process.Threads.Count);
    }

    /// <summary>The median of each figure.</summary>
    internal static ProcessFigures MedianOf(IReadOnlyCollection<ProcessFigures> samples) => new(
        Statistics.Median(samples.Select(sample => sample.Megabytes)), Statistics.Median(samples.Select(sample => sample.Handles)), Statistics.Median(samples.Select(sample => sample.Threads)));
}
