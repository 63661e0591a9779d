namespace SegOps.Tests.Fixtures;

/// <summary>Bounded waits, so that a test that would hang fails and says where.</summary>
internal static class Patience
{
    /// <summary>Fails when no next item comes in time.</summary>
    public static async IAsyncEnumerable<T> Patiently<T>(this IAsyncEnumerable<T> items)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        ending.CancelAfter(Eventually.Patience);
        await foreach (var item in items.WithCancellation(ending.Token))
        {
            yield return item;
            ending.CancelAfter(Eventually.Patience);
        }
        if (ending.IsCancellationRequested)
            throw new TimeoutException($"No message within {Eventually.Patience}.");
    }

    /// <summary>Fails when the task does not end in time.</summary>
    public static Task Patiently(this Task task) => task.WaitAsync(Eventually.Patience);

    /// <summary>Fails when the task does not end in time.</summary>
    public static Task<T> Patiently<T>(this Task<T> task) => task.WaitAsync(Eventually.Patience);
}
