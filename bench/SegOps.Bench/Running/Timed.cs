using System.Diagnostics;

namespace SegOps.Bench.Running;

/// <summary>Measures durations.</summary>
internal static class Timed
{
    /// <summary>Returns the duration of <paramref name="action"/> in milliseconds.</summary>
    internal static async Task<double> RunAsync(Func<Task> action)
    {
        var began = Stopwatch.GetTimestamp();
        await action();
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }
}
