using System.Diagnostics;

namespace SegOps.Tests.Fixtures;

/// <summary>Waits for what becomes true some time after its cause.</summary>
internal static class Eventually
{
    /// <summary>For all that no promise about time is made of.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>Asks until the answer is <paramref name="expected"/>; fails with the last answer when it never is.</summary>
    public static async Task IsAsync<T>(T expected, Func<Task<T>> ask, TimeSpan? patience = null)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var actual = await ask();
            if (EqualityComparer<T>.Default.Equals(expected, actual))
                return;
            if (Stopwatch.GetElapsedTime(began) > (patience ?? Patience))
                Assert.Equal(expected, actual);
            await Task.Delay(Interval, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Asks until the answer is yes; fails with <paramref name="otherwise"/> when it never is.</summary>
    public static async Task TrueAsync(Func<bool> ask, Func<string> otherwise, TimeSpan? patience = null)
    {
        var began = Stopwatch.GetTimestamp();
        while (!ask())
        {
            if (Stopwatch.GetElapsedTime(began) > (patience ?? Patience))
                Assert.Fail(otherwise());
            await Task.Delay(Interval, TestContext.Current.CancellationToken);
        }
    }
}
