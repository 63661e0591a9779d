using System.Diagnostics;

namespace SegOps.Tests.Fixtures;

/// <summary>Waits for what becomes true some time after its cause, by asking again and again.</summary>
internal static class Eventually
{
    /// <summary>For all that no promise about time is made of, on a busy machine too.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(5);

    /// <summary>The limits of a key allow 600 calls a minute.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(250);

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
            await Task.Delay(PauseAfter(began), TestContext.Current.CancellationToken);
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
            await Task.Delay(PauseAfter(began), TestContext.Current.CancellationToken);
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

    /// <summary>A tenth of the time that was waited so far, so that asking takes little and finds the answer soon.</summary>
    private static TimeSpan PauseAfter(long began)
    {
        var pause = Stopwatch.GetElapsedTime(began) / 10;
        return pause < Shortest ? Shortest : pause > Longest ? Longest : pause;
    }
}
