using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace SegOps.Monitoring.Live;

/// <summary>The streams that are open on this instance, at most <see cref="LiveOptions.MaxStreams"/>.</summary>
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
        _gauge = meters.Create("SegOps.Monitoring").CreateUpDownCounter<long>("segops.live.streams", "{stream}", "Live streams that are open.");
    }

    /// <summary>Those open now.</summary>
    internal IReadOnlyCollection<LiveStream> Open => [.. _open.Keys];

    /// <summary>Opens one; null when there are as many as there may be.</summary>
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

    /// <summary>Closes one.</summary>
    internal void Close(LiveStream stream)
    {
        _open.TryRemove(stream, out _);
        Interlocked.Decrement(ref _count);
        _gauge.Add(-1);
    }
}
