using System.Threading.Channels;
using SegOps.InternalApi;
using SegOps.Monitoring.Events;

namespace SegOps.Monitoring.Live;

/// <summary>Which events a stream shows.</summary>
internal sealed record LiveFilter(Caller Caller, string? EventType, string? UserId);

/// <summary>What came in at one look.</summary>
/// <param name="Events">At most <see cref="LiveStream.MaxEvents"/>, the oldest first.</param>
/// <param name="Of">How many there were.</param>
internal sealed record LiveBatch(IReadOnlyList<StoredEvent> Events, int Of);

/// <summary>One client's stream. A client that reads too slowly gets the newest batch, and learns how much it missed.</summary>
internal sealed class LiveStream
{
    /// <summary>Most events of a batch, of which there is one a second: more no eye can follow.</summary>
    internal const int MaxEvents = 20;

    private readonly Channel<LiveBatch> _batches;
    private readonly LiveFilter _filter;
    private readonly HashSet<Guid> _shown = []; // Bounded by the stream's duration: 20 a second.
    private int _missed;

    /// <param name="filter">Which events it shows.</param>
    /// <param name="openedAt">When it was opened, as <see cref="TimeProvider.GetTimestamp"/>: what was stored before is not shown.</param>
    internal LiveStream(LiveFilter filter, long openedAt)
    {
        _filter = filter;
        OpenedAt = openedAt;
        _batches = Channel.CreateBounded<LiveBatch>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest }, dropped => Interlocked.Add(ref _missed, dropped.Of));
    }

    internal Caller Caller => _filter.Caller;

    internal long OpenedAt { get; }

    /// <summary>Whether <paramref name="candidate"/>, of this project and environment, is for this stream, which has been open for <paramref name="open"/>.</summary>
    internal bool Takes(RecentEvent candidate, TimeSpan open) =>
        candidate.Age <= open
        && (_filter.EventType is null || _filter.EventType == candidate.EventType)
        && (_filter.UserId is null || _filter.UserId == candidate.UserId)
        && !_shown.Contains(candidate.EventId);

    /// <summary>Hands a batch out; returns at once.</summary>
    internal void Offer(LiveBatch batch)
    {
        _shown.UnionWith(batch.Events.Select(shown => shown.EventId));
        _batches.Writer.TryWrite(batch);
    }

    /// <summary>The next batch, with what was missed since the one before counted in.</summary>
    internal async Task<LiveBatch> ReadAsync(CancellationToken cancellationToken)
    {
        var batch = await _batches.Reader.ReadAsync(cancellationToken);
        return batch with { Of = batch.Of + Interlocked.Exchange(ref _missed, 0) };
    }
}
