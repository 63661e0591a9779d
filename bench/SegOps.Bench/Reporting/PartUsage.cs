using System.Diagnostics;
using SegOps.Standalone.Parts;

namespace SegOps.Bench.Reporting;

/// <summary>Processor time and memory of a system's parts, from the moment it is made.</summary>
internal sealed class PartUsage(LocalSystem system, params string[] parts)
{
    private readonly Dictionary<string, (TimeSpan Began, TimeSpan Used, double Peak)> _parts = parts.ToDictionary(part => part, part => (CpuOf(system, part), TimeSpan.Zero, 0.0));

    /// <summary>The parts, in the order given.</summary>
    internal IReadOnlyList<string> Parts => parts;

    /// <summary>Processor time used by a part until it was looked at last.</summary>
    internal TimeSpan Cpu(string part) => _parts[part].Used;

    /// <summary>The most resident memory that was seen of a part, in 10^6 bytes.</summary>
    internal double PeakMegabytes(string part) => _parts[part].Peak;

    /// <summary>Looks at all parts.</summary>
    internal void Sample()
    {
        foreach (var part in parts)
        {
            using var process = Process.GetProcessById(system.Parts[part].Child.Id);
            var (began, _, peak) = _parts[part];
            _parts[part] = (began, process.TotalProcessorTime - began, Math.Max(peak, process.WorkingSet64 / 1e6));
        }
    }

    private static TimeSpan CpuOf(LocalSystem system, string part)
    {
        using var process = Process.GetProcessById(system.Parts[part].Child.Id);
        return process.TotalProcessorTime;
    }
}
