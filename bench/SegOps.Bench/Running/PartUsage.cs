using System.Diagnostics;

namespace SegOps.Bench.Running;

/// <summary>Measures the processor time and memory of processes since its creation.</summary>
/// <param name="processes">Their names and ids.</param>
internal sealed class PartUsage(IReadOnlyList<(string Part, int ProcessId)> processes)
{
    private readonly Dictionary<string, (int Id, TimeSpan Began, TimeSpan Used, double Peak)> _parts =
        processes.ToDictionary(process => process.Part, process => (process.ProcessId, CpuOf(process.ProcessId), TimeSpan.Zero, 0.0));

    /// <summary>Measures parts of a system.</summary>
    internal PartUsage(LocalSystem system, params string[] parts)
        : this([.. parts.Select(part => (part, system.Parts[part].Id))])
    {
    }

    /// <summary>The parts, in the order given.</summary>
    internal IEnumerable<string> Parts => processes.Select(process => process.Part);

    /// <summary>Processor time used by a part until the last sample.</summary>
    internal TimeSpan Cpu(string part) => _parts[part].Used;

    /// <summary>Peak of a part's sampled resident memory, in 10^6 bytes.</summary>
    internal double PeakMegabytes(string part) => _parts[part].Peak;

    /// <summary>Takes a sample of all parts.</summary>
    /// <exception cref="ArgumentException">A process has exited.</exception>
    internal void Sample()
    {
        foreach (var part in Parts)
        {
            var (id, began, _, peak) = _parts[part];
            using var process = Process.GetProcessById(id);
            _parts[part] = (id, began, process.TotalProcessorTime - began, Math.Max(peak, process.WorkingSet64 / 1e6));
        }
    }

    private static TimeSpan CpuOf(int processId)
    {
        using var process = Process.GetProcessById(processId);
        return process.TotalProcessorTime;
    }
}
