namespace SegOps.PubSub;

/// <summary>Receives from one subscription: see <see cref="ReadAsync"/>.</summary>
public sealed class Subscriber : IAsyncDisposable
{
    /// <summary>Streams messages and extends their leases until each is acked or nacked.</summary>
    public IAsyncEnumerable<ReceivedMessage> ReadAsync(CancellationToken stopping) => throw new NotSupportedException(GetType().Name);

    /// <summary>Waits until the acks and nacks handed in so far were sent.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => throw new NotSupportedException(GetType().Name);

    /// <summary>Nacks what is still held and sends the last acks.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
