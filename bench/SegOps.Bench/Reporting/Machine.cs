using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace SegOps.Bench.Reporting;

/// <summary>What the figures were taken on.</summary>
/// <param name="Processor">Its model, as the system names it.</param>
/// <param name="Cores">Logical processors that this process may use.</param>
/// <param name="MemoryBytes">Memory that it may use.</param>
/// <param name="OperatingSystem">With the architecture.</param>
/// <param name="Runtime">Of .NET.</param>
/// <param name="IsOptimized">Whether this program was built with <c>-c Release</c>.</param>
internal sealed record Machine(string Processor, int Cores, long MemoryBytes, string OperatingSystem, string Runtime, bool IsOptimized)
{
    private const string ProcessorFile = "/proc/cpuinfo";

    /// <summary>Looks at this one.</summary>
    internal static Machine This() => new(
        Model() ?? "unknown processor", Environment.ProcessorCount, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        $"{RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.ProcessArchitecture}", RuntimeInformation.FrameworkDescription, Optimized);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Processor}, {Cores} cores, {MemoryBytes / 1e9:F0} GB, {OperatingSystem}, {Runtime}{(IsOptimized ? "" : "; a DEBUG build, so that its figures say nothing")}");

    private static bool Optimized => typeof(Machine).Assembly.GetCustomAttribute<DebuggableAttribute>() is not { IsJITOptimizerDisabled: true };

    private static string? Model() => File.Exists(ProcessorFile)
        ? File.ReadLines(ProcessorFile).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
        : null;
}
