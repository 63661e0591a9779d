using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using SegOps.Warehouse;

namespace SegOps.Ingestor.Streaming;

/// <summary>Groups a stream of deliveries into batches by the limits of rows and bytes in <see cref="IngestorOptions"/>, and by time.</summary>
internal sealed class Batcher(IOptions<IngestorOptions> options, TimeProvider time)
{
    private readonly IngestorOptions _options = options.Value;

    /// <summary>
    /// Yields a batch when <paramref name="delay"/> since its first delivery is over, or when it is full. It reads at most one delivery ahead, so that a slow consumer slows the
    /// stream down. <paramref name="onOpened"/> gets each batch with its first delivery.
    /// </summary>
    public async IAsyncEnumerable<Batch> BatchAsync(IAsyncEnumerable<Delivery> deliveries, TimeSpan delay, Action<Batch>? onOpened = null)
    {
        var source = deliveries.GetAsyncEnumerator();
        var next = source.MoveNextAsync().AsTask();
        try
        {
            while (await next)
            {
                using var filled = new CancellationTokenSource();
                var expired = Task.Delay(delay, time, filled.Token);
                var batch = new Batch(time.GetTimestamp());
                do
                {
                    batch.Add(source.Current);
                    if (batch.Deliveries.Count == 1)
                        onOpened?.Invoke(batch);
                    next = source.MoveNextAsync().AsTask();
                }
                while (!IsFull(batch) && await ComesBefore(expired, next) && await next);

                await filled.CancelAsync();
                yield return batch;
            }
        }
        finally
        {
            // An enumerator must not be disposed while MoveNextAsync runs. A consumer that stops early has stopped the source before.
            await next.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            await source.DisposeAsync();
        }
    }

    private bool IsFull(Batch batch) => batch.Rows >= _options.BatchRows || batch.Bytes >= _options.BatchBytes;

    private static async ValueTask<bool> ComesBefore(Task expired, Task next) =>
        !expired.IsCompleted && (next.IsCompleted || await Task.WhenAny(next, expired) == next);
}

/// <summary>Deliveries that are stored together.</summary>
/// <param name="openedAt">See <see cref="OpenedAt"/>.</param>
internal sealed class Batch(long openedAt)
{
    private readonly List<Delivery> _deliveries = [];

    /// <summary>The arrival of the first delivery, as <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long OpenedAt { get; } = openedAt;

    /// <summary>The deliveries in order of arrival.</summary>
    public IReadOnlyList<Delivery> Deliveries => _deliveries;

    /// <summary>Total rows.</summary>
    public int Rows { get; private set; }

    /// <summary>Total uncompressed bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>The earliest time at which one of the requests was received; null if none says it.</summary>
    public DateTimeOffset? OldestReceivedAt { get; private set; }

    /// <summary>Adds a delivery.</summary>
    public void Add(Delivery delivery)
    {
        if (delivery.RequestReceivedAt is { } received && !(OldestReceivedAt <= received))
            OldestReceivedAt = received;
        _deliveries.Add(delivery);
        Rows += delivery.Rows;
        Bytes += delivery.Bytes;
    }
}

/// <summary>The batches that are received at least in part and not acked yet. Messages in Pub/Sub are not included.</summary>
internal sealed class HeldBatches(TimeProvider time)
{
    private readonly ConcurrentDictionary<Batch, StreamTarget> _held = new();

    /// <summary>The number of held events, without rows of other tables.</summary>
    public long Events => _held.Where(held => held.Value.Table == StreamTarget.Events.Table).Sum(held => (long)held.Key.Rows);

    /// <summary>Age of the oldest held batch of any table, without late events; 0 if there is none.</summary>
    public TimeSpan OldestAge =>
        _held.Where(held => held.Value != StreamTarget.LateEvents).Select(held => time.GetElapsedTime(held.Key.OpenedAt)).DefaultIfEmpty().Max();

    /// <summary>
    /// The longest time since a held request with late events was received, so that their wait in Pub/Sub is included; 0 if there is none. Their batch
    /// fills slowly and is inserted slowly, so its own age says little.
    /// </summary>
    public TimeSpan OldestLateAge => _held.Where(held => held.Value == StreamTarget.LateEvents).Select(held => AgeOf(held.Key)).DefaultIfEmpty().Max();

    /// <summary>Adds a batch for <paramref name="target"/>, at its first message.</summary>
    public void Add(Batch batch, StreamTarget target) => _held.TryAdd(batch, target);

    /// <summary>Removes a batch.</summary>
    public void Remove(Batch batch) => _held.TryRemove(batch, out _);

    /// <summary>A replayed message has no time of receipt.</summary>
    private TimeSpan AgeOf(Batch batch) =>
        batch.OldestReceivedAt is { } received ? time.GetUtcNow() - received : time.GetElapsedTime(batch.OpenedAt);
}
