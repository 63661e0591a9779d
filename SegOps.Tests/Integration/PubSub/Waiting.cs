namespace SegOps.Tests.Integration.PubSub;

/// <summary>Bounded waits, so that a test that would hang fails and says where.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Fails when no next item comes in time.</summary>
    public static async IAsyncEnumerable<T> Patiently<T>(this IAsyncEnumerable<T> items)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        ending.CancelAfter(Patience);
        await foreach (var item in items.WithCancellation(ending.Token))
        {
            yield return item;
            ending.CancelAfter(Patience);
        }
        if (ending.IsCancellationRequested)
            throw new TimeoutException($"No message within {Patience}.");
    }

    /// <summary>Fails when the task does not end in time.</summary>
    public static Task Patiently(this Task task) => task.WaitAsync(Patience);

    /// <summary>Fails when the task does not end in time.</summary>
    public static Task<T> Patiently<T>(this Task<T> task) => task.WaitAsync(Patience);

    /// <summary>Looks again and again until <paramref name="condition"/> holds, calling <paramref name="meanwhile"/> each time.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what, Action? meanwhile = null)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            Assert.False(patience.IsCancellationRequested, $"waited in vain until {what}");
            meanwhile?.Invoke();
            await Task.Delay(TimeSpan.FromMilliseconds(5), TestContext.Current.CancellationToken);
        }
    }
}
