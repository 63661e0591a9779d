using System.Diagnostics;
using SegOps.Conformance.Sdks;
using SegOps.Conformance.Server;

namespace SegOps.Conformance.Playing;

/// <summary>What a scenario requires.</summary>
internal static class Expect
{
    /// <summary>Timers and clocks are not exact.</summary>
    private static readonly TimeSpan Early = TimeSpan.FromMilliseconds(20);

    /// <summary>A slow and busy machine.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    public static void That(bool condition, string otherwise)
    {
        if (!condition)
            throw new ConformanceException(otherwise);
    }

    public static void Equal<T>(T expected, T actual, string what) =>
        That(EqualityComparer<T>.Default.Equals(expected, actual), $"{what}: expected {expected}, but got {actual}.");

    public static void Same(IEnumerable<string> expected, IEnumerable<string> actual, string what)
    {
        var (one, other) = (expected.ToList(), actual.ToList());
        That(one.SequenceEqual(other), $"{what}: expected {List(one)}, but got {List(other)}.");
    }

    /// <summary>Waits until it is so.</summary>
    public static async Task SoonAsync(Func<bool> condition, Func<string> otherwise, TimeSpan? patience = null)
    {
        var began = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(began) > (patience ?? Patience.Current))
                throw new ConformanceException(otherwise());
            await Task.Delay(Interval);
        }
    }

    /// <summary>The wait between two requests. A busy machine may make it longer, but never shorter.</summary>
    public static void Wait(Received before, Received after, TimeSpan atLeast, TimeSpan atMost)
    {
        var wait = before.Until(after);
        That(
            wait >= atLeast - Early && wait <= atMost + Late,
            $"The client waited {wait.TotalMilliseconds:0} ms instead of {atLeast.TotalMilliseconds:0} to {atMost.TotalMilliseconds:0} ms.");
    }

    /// <summary>Waits for this many requests.</summary>
    /// <returns>The requests that have arrived, which can be more.</returns>
    public static async Task<IReadOnlyList<Received>> RequestsAsync(this Run run, int count)
    {
        await SoonAsync(() => run.Server.Requests.Count >= count, () => $"{count} requests were expected, but {run.Server.Requests.Count} came.");
        return run.Server.Requests;
    }

    /// <summary>Waits until the client's own figures are so.</summary>
    public static async Task<Stats> SoonAsync(this Client client, Func<Stats, bool> condition, string what)
    {
        var began = Stopwatch.GetTimestamp();
        for (; ; )
        {
            var stats = await client.StatsAsync();
            if (condition(stats))
                return stats;
            if (Stopwatch.GetElapsedTime(began) > Patience.Current)
                throw new ConformanceException($"Waited in vain until {what}: {stats}");
            await Task.Delay(Interval);
        }
    }

    private static string List(List<string> items) => $"[{string.Join(", ", items.Take(12))}{(items.Count > 12 ? $", … {items.Count} in all" : "")}]";
}
