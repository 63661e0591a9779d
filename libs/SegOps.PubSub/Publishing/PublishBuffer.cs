using System.Threading.Channels;
using SegOps.PubSub.Configuration;
using SegOps.PubSub.Telemetry;

namespace SegOps.PubSub.Publishing;

/// <summary>Holds messages until their result is known, limited by number and bytes, and groups them into batches.</summary>
internal sealed class PublishBuffer(string topic, PublisherOptions options, PubSubTelemetry telemetry, TimeProvider timeProvider)
{
    private readonly Channel<PendingMessage> _waiting = Channel.CreateUnbounded<PendingMessage>(new() { SingleReader = true });
    private readonly Lock _lock = new();
    private int _messages;
    private long _bytes;
    private Task<bool>? _arrival;

    /// <exception cref="PublishException">The buffer is full.</exception>
    /// <exception cref="ObjectDisposedException">The publisher is shutting down.</exception>
    public void Add(PendingMessage message)
    {
        lock (_lock)
        {
            if (_messages + 1 > options.MaxBufferedMessages || _bytes + message.Bytes > options.MaxBufferedBytes)
                throw new PublishException(PublishFailure.BufferFull, "The publisher's buffer is full: messages arrive faster than Pub/Sub accepts them.");
            ObjectDisposedException.ThrowIf(!_waiting.Writer.TryWrite(message), typeof(Publisher));
            _messages++;
            _bytes += message.Bytes;
        }
        telemetry.Buffered(topic, 1, message.Bytes);
    }

    /// <summary>Frees the space of a completed batch.</summary>
    public void Release(List<PendingMessage> batch)
    {
        var bytes = batch.Sum(message => (long)message.Bytes);
        lock (_lock)
        {
            _messages -= batch.Count;
            _bytes -= bytes;
        }
        telemetry.Buffered(topic, -batch.Count, -bytes);
    }

    /// <summary>Accepts no more messages.</summary>
    public void Complete() => _waiting.Writer.TryComplete();

    /// <summary>
    /// Waits for a first message, then for others until the batch is full or its time is over. Null after
    /// <see cref="Complete"/>, once no message is left. One caller at a time.
    /// </summary>
    public async Task<List<PendingMessage>?> NextBatchAsync()
    {
        var batch = new List<PendingMessage>();
        var bytes = 0;
        Task window = Task.CompletedTask;
        while (true)
        {
            while (_waiting.Reader.TryPeek(out var next))
            {
                if (batch.Count > 0 && bytes + next.Bytes > options.MaxBatchBytes)
                    return batch;
                if (batch.Count == 0)
                    window = Task.Delay(options.MaxBatchDelay, timeProvider);
                _waiting.Reader.TryRead(out _);
                batch.Add(next);
                bytes += next.Bytes;
                if (batch.Count == options.MaxBatchMessages)
                    return batch;
            }

            if (batch.Count > 0 && await Task.WhenAny(Arrival(), window) == window)
                return batch;
            if (!await Arrival())
                return batch.Count > 0 ? batch : null;
            _arrival = null;
        }
    }

    // Kept between batches, so that a window that closes first does not leave a second waiter.
    private Task<bool> Arrival() => _arrival ??= _waiting.Reader.WaitToReadAsync().AsTask();
}
