using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using SegOps.Monitoring.Events;
using SegOps.InternalApi;

namespace SegOps.Monitoring.Live;

/// <summary>The open streams of this instance, at most <see cref="LiveOptions.MaxStreams"/>.</summary>
internal sealed class LiveStreams
{
    private readonly ConcurrentDictionary<LiveStream, byte> _open = new();
    private readonly int _max;
    private readonly TimeProvider _clock;
    private readonly UpDownCounter<long> _gauge;
    private int _count;

    public LiveStreams(IOptions<LiveOptions> options, TimeProvider clock, IMeterFactory meters)
    {
        _max = options.Value.MaxStreams;
        _clock = clock;
        _gauge = meters.Create("SegOps.Monitoring").CreateUpDownCounter<long>("segops.live.streams", "{stream}", "Open live streams.");
    }

    /// <summary>The open streams.</summary>
    internal IReadOnlyCollection<LiveStream> Open => [.. _open.Keys];

    /// <summary>Opens a stream; null if <see cref="LiveOptions.MaxStreams"/> are open.</summary>
    internal LiveStream? TryOpen(LiveFilter filter)
    {
        if (Interlocked.Increment(ref _count) > _max)
        {
            Interlocked.Decrement(ref _count);
            return null;
        }

        var stream = new LiveStream(filter, _clock.GetTimestamp());
        _open[stream] = 0;
        _gauge.Add(1);
        return stream;
    }

    /// <summary>Closes a stream.</summary>
    internal void Close(LiveStream stream)
    {
        _open.TryRemove(stream, out _);
        Interlocked.Decrement(ref _count);
        _gauge.Add(-1);
    }
}

/// <summary>The selection of a stream's events.</summary>
internal sealed record LiveFilter(Caller Caller, string? EventType, string? UserId);

/// <summary>The events of one read.</summary>
/// <param name="Events">At most <see cref="LiveStream.MaxEvents"/>, oldest first.</param>
/// <param name="Of">The total number.</param>
internal sealed record LiveBatch(IReadOnlyList<StoredEvent> Events, int Of);

/// <summary>A client's stream. A client that reads too slowly receives the newest batch, and the number of missed events.</summary>
internal sealed class LiveStream
{
    /// <summary>Maximum events of a batch. There is one batch per second, more than a person can read.</summary>
    internal const int MaxEvents = 20;

    private readonly Channel<LiveBatch> _batches;
    private readonly LiveFilter _filter;
    private readonly HashSet<Guid> _shown = []; // Bounded by the stream's duration: 20 a second.
    private int _missed;

    /// <param name="filter">The selection of events.</param>
    /// <param name="openedAt">The opening time, as <see cref="TimeProvider.GetTimestamp"/>. Events stored before are not shown.</param>
    internal LiveStream(LiveFilter filter, long openedAt)
    {
        _filter = filter;
        OpenedAt = openedAt;
        _batches = Channel.CreateBounded<LiveBatch>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest }, dropped => Interlocked.Add(ref _missed, dropped.Of));
    }

    internal Caller Caller => _filter.Caller;

    internal long OpenedAt { get; }

    /// <summary>Whether this stream, open for <paramref name="open"/>, shows <paramref name="candidate"/> of its project and environment.</summary>
    internal bool Takes(RecentEvent candidate, TimeSpan open) =>
        candidate.Age <= open
        && (_filter.EventType is null || _filter.EventType == candidate.EventType)
        && (_filter.UserId is null || _filter.UserId == candidate.UserId)
        && !_shown.Contains(candidate.EventId);

    /// <summary>Queues a batch; returns at once.</summary>
    internal void Offer(LiveBatch batch)
    {
        _shown.UnionWith(batch.Events.Select(shown => shown.EventId));
        _batches.Writer.TryWrite(batch);
    }

    /// <summary>The next batch. Its count includes the events missed since the previous batch.</summary>
    internal async Task<LiveBatch> ReadAsync(CancellationToken cancellationToken)
    {
        var batch = await _batches.Reader.ReadAsync(cancellationToken);
        return batch with { Of = batch.Of + Interlocked.Exchange(ref _missed, 0) };
    }
}
