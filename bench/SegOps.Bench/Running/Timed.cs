using System.Diagnostics;

namespace SegOps.Bench.Running;

/// <summary>How long something takes.</summary>
internal static class Timed
{
    /// <summary>Milliseconds until <paramref name="action"/> is done.</summary>
    internal static async Task<double> RunAsync(Func<Task> action)
    {
        var began = Stopwatch.GetTimestamp();
        await action();
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }
}
