using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace SegOps.Bench.Reporting;

/// <summary>The machine on which the experiments ran.</summary>
/// <param name="Processor">Model, as the system names it.</param>
/// <param name="Cores">Logical processors that this process may use.</param>
/// <param name="MemoryBytes">Memory that this process may use.</param>
/// <param name="OperatingSystem">Name, version and architecture.</param>
/// <param name="Runtime">The .NET version.</param>
/// <param name="IsOptimized">Whether this program was built with <c>-c Release</c>.</param>
internal sealed record Machine(string Processor, int Cores, long MemoryBytes, string OperatingSystem, string Runtime, bool IsOptimized)
{
    private const string ProcessorFile = "/proc/cpuinfo";

    /// <summary>Describes this machine.</summary>
    internal static Machine This() => new(
        Model() ?? "unknown processor", Environment.ProcessorCount, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        $"{RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.ProcessArchitecture}", RuntimeInformation.FrameworkDescription, Optimized);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Processor}, {Cores} cores, {MemoryBytes / 1e9:F0} GB, {OperatingSystem}, {Runtime}{(IsOptimized ? "" : "; DEBUG build: the figures mean nothing")}");

    private static bool Optimized => typeof(Machine).Assembly.GetCustomAttribute<DebuggableAttribute>() is not { IsJITOptimizerDisabled: true };

    private static string? Model() => File.Exists(ProcessorFile)
        ? File.ReadLines(ProcessorFile).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
        : null;
}
