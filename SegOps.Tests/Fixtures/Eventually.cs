using System.Diagnostics;

namespace SegOps.Tests.Fixtures;

/// <summary>Waits for what becomes true some time after its cause, by asking again and again.</summary>
internal static class Eventually
{
    /// <summary>For all that no promise about time is made of, on a busy machine too.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(50);

    /// <summary>Asks until the answer is <paramref name="expected"/>; fails with the last answer when it never is.</summary>
    public static async Task IsAsync<T>(T expected, Func<Task<T>> ask, TimeSpan? patience = null)
    {
        var began = Stopwatch.GetTimestamp();
        for (var interval = Shortest; ; interval = Longer(interval))
        {
            var actual = await ask();
            if (EqualityComparer<T>.Default.Equals(expected, actual))
                return;
            if (Stopwatch.GetElapsedTime(began) > (patience ?? Patience))
                Assert.Equal(expected, actual);
            await Task.Delay(interval, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Asks until the answer is yes; fails with <paramref name="otherwise"/> when it never is.</summary>
    public static async Task TrueAsync(Func<bool> ask, Func<string> otherwise, TimeSpan? patience = null)
    {
        var began = Stopwatch.GetTimestamp();
        for (var interval = Shortest; !ask(); interval = Longer(interval))
        {
            if (Stopwatch.GetElapsedTime(began) > (patience ?? Patience))
                Assert.Fail(otherwise());
            await Task.Delay(interval, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Asks until the answer is yes, calling <paramref name="meanwhile"/> each time, such as to move a clock.</summary>
    /// <param name="ask">The question.</param>
    /// <param name="what">What is waited for, for the failure.</param>
    /// <param name="meanwhile">Called after each answer that is no.</param>
    public static async Task TrueAsync(Func<bool> ask, string what, Action? meanwhile = null)
    {
        var began = Stopwatch.GetTimestamp();
        while (!ask())
        {
            Assert.False(Stopwatch.GetElapsedTime(began) > Patience, $"waited in vain until {what}");
            meanwhile?.Invoke();
            await Task.Delay(Shortest, TestContext.Current.CancellationToken);
        }
    }

    private static TimeSpan Longer(TimeSpan interval) => interval < Longest / 2 ? 2 * interval : Longest;
}
