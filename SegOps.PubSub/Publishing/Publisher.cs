namespace SegOps.PubSub;

/// <summary>Publishes to one topic: see <see cref="PublishAsync"/>.</summary>
public sealed class Publisher : IAsyncDisposable
{
    /// <summary>Completes when Pub/Sub confirmed the message.</summary>
    /// <returns>The id that Pub/Sub gave the message.</returns>
    /// <exception cref="PublishException">Pub/Sub did not confirm it.</exception>
    public Task<string> PublishAsync(OutgoingMessage message, CancellationToken cancellationToken) => throw new NotSupportedException(GetType().Name);

    /// <summary>Sends what was handed in.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
