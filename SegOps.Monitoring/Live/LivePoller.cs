using OpenTelemetry;
using SegOps.Monitoring.Events;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Live;

/// <summary>Reads new events every second while there are streams, and passes them to all streams.</summary>
internal sealed partial class LivePoller(LiveStreams streams, RecentEvents recentEvents, TimeProvider clock, ILogger<LivePoller> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Overlap of consecutive reads, because rows become readable some time after their insert has stamped them.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(5);

    /// <summary>Maximum period after an outage.</summary>
    private static readonly TimeSpan LongestGap = TimeSpan.FromSeconds(60);

    private HashSet<(LiveFilter Filter, Guid EventId)> _seen = [];
    private HashSet<(LiveFilter Filter, Guid EventId)> _seenBefore = [];
    private long? _lastRead;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await LookAsync(streams.All, stoppingToken);
            }
            catch (WarehouseUnavailableException)
            {
                // The warehouse's stage reports the reason. The next read continues from the last successful one.
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception);
            }
        }
    }

    private async Task LookAsync(IReadOnlyCollection<LiveStream> open, CancellationToken stopping)
    {
        if (open.Count == 0)
        {
            (_seen, _seenBefore, _lastRead) = ([], [], null);
            return;
        }

        using var untraced = SuppressInstrumentationScope.Begin();
        var now = clock.GetTimestamp();
        var gap = clock.GetElapsedTime(_lastRead ?? open.Min(stream => stream.OpenedAt), now);
        var window = Overlap + (gap < LongestGap ? gap : LongestGap);
        var recent = await recentEvents.ListAsync([.. open.Select(stream => stream.Filter).Distinct()], window, stopping);
        HashSet<(LiveFilter, Guid)> found = [];
        var chosen = Choose(open, recent.Where(each => found.Add(each.Match) && !_seen.Contains(each.Match) && !_seenBefore.Contains(each.Match)));
        RecentKey[] keys = [.. chosen.SelectMany(each => each.Newest).Select(each => each.Key).Distinct()];
        if (keys.Length > 0)
            HandOut(chosen, await recentEvents.ReadAsync(keys, window + Overlap, stopping));

        // Events of earlier reads are outside the window.
        (_seen, _seenBefore, _lastRead) = (found, _seen, now);
    }

    private List<Choice> Choose(IReadOnlyCollection<LiveStream> open, IEnumerable<RecentEvent> unseen)
    {
        var byFilter = unseen.ToLookup(each => each.Filter);
        List<Choice> chosen = [];
        foreach (var stream in open)
        {
            var age = clock.GetElapsedTime(stream.OpenedAt);
            var matching = byFilter[stream.Filter].Where(each => stream.Takes(each, age)).ToList();
            if (matching.Count > 0)
                chosen.Add(new(stream, [.. matching.Take(LiveStream.MaxEvents)], matching.Count));
        }

        return chosen;
    }

    private static void HandOut(List<Choice> chosen, Dictionary<RecentKey, StoredEvent> whole)
    {
        foreach (var (stream, newest, of) in chosen)
        {
            var events = newest.Select(each => whole.GetValueOrDefault(each.Key)).OfType<StoredEvent>().Reverse();
            stream.Offer(new LiveBatch([.. events], of));
        }
    }

    private sealed record Choice(LiveStream Stream, List<RecentEvent> Newest, int Of);

    [LoggerMessage(LogLevel.Error, "Reading new events failed.")]
    private partial void LogFailed(Exception exception);
}
