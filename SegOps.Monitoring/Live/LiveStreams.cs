using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using SegOps.Monitoring.Events;
using SegOps.InternalApi;

namespace SegOps.Monitoring.Live;

/// <summary>
/// The open streams of this instance, at most <see cref="LiveOptions.MaxStreams"/>, and <see cref="LiveOptions.MaxStreamsPerProject"/> of a project.
/// </summary>
internal sealed class LiveStreams
{
    private readonly ConcurrentDictionary<LiveStream, byte> _open = new();
    private readonly Dictionary<string, int> _projects = [];
    private readonly Lock _gate = new();
    private readonly LiveOptions _options;
    private readonly TimeProvider _clock;
    private readonly UpDownCounter<long> _gauge;
    private int _count;

    public LiveStreams(IOptions<LiveOptions> options, TimeProvider clock, IMeterFactory meters)
    {
        _options = options.Value;
        _clock = clock;
        _gauge = meters.Create("SegOps.Monitoring").CreateUpDownCounter<long>("segops.live.streams", "{stream}", "Open live streams.");
    }

    /// <summary>The open streams.</summary>
    internal IReadOnlyCollection<LiveStream> All => [.. _open.Keys];

    /// <summary>Opens a stream.</summary>
    /// <returns>The stream; or null and the reason, if too many are open.</returns>
    internal (LiveStream? Stream, string? Refusal) Open(LiveFilter filter)
    {
        var project = filter.Caller.ProjectId;
        lock (_gate)
        {
            var ofProject = _projects.GetValueOrDefault(project);
            if (ofProject >= _options.MaxStreamsPerProject)
                return (null, $"The project has as many live streams open as it may: {ofProject}. Close one, or retry after Retry-After.");
            if (_count >= _options.MaxStreams)
                return (null, "The maximum number of live streams is open. Retry shortly.");
            _projects[project] = ofProject + 1;
            _count++;
        }

        var stream = new LiveStream(filter, _clock.GetTimestamp());
        _open[stream] = 0;
        _gauge.Add(1);
        return (stream, null);
    }

    /// <summary>Closes a stream.</summary>
    internal void Close(LiveStream stream)
    {
        _open.TryRemove(stream, out _);
        lock (_gate)
        {
            _count--;
            if (--_projects[stream.Filter.Caller.ProjectId] == 0)
                _projects.Remove(stream.Filter.Caller.ProjectId);
        }
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
    private readonly HashSet<Guid> _shown = []; // Bounded by the stream's duration: 20 a second.
    private int _missed;

    /// <param name="filter">The selection of events.</param>
    /// <param name="openedAt">The opening time, as <see cref="TimeProvider.GetTimestamp"/>. Events stored before are not shown.</param>
    internal LiveStream(LiveFilter filter, long openedAt)
    {
        Filter = filter;
        OpenedAt = openedAt;
        _batches = Channel.CreateBounded<LiveBatch>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest }, dropped => Interlocked.Add(ref _missed, dropped.Of));
    }

    /// <summary>The selection of events.</summary>
    internal LiveFilter Filter { get; }

    internal long OpenedAt { get; }

    /// <summary>Whether this stream, open for <paramref name="open"/>, shows <paramref name="candidate"/> of its filter.</summary>
    internal bool Takes(RecentEvent candidate, TimeSpan open) => candidate.Age <= open && !_shown.Contains(candidate.EventId);

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
