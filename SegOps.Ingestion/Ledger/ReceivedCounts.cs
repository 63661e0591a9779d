using SegOps.Contracts;
using SegOps.Ingestion.Telemetry;
using SegOps.Ingestion.Track;

namespace SegOps.Ingestion.Ledger;

/// <summary>What one project sent within one minute (UTC), by the time at which its requests were received.</summary>
internal readonly record struct ReceivedMinute(DateTime Minute, string Environment, string Project);

/// <summary>How much that was, as far as this process has answered it: absolute, so that writing it twice does no harm.</summary>
/// <param name="Accepted">Events that were answered 202, each id once a request.</param>
/// <param name="Rejected">Events and whole requests that were refused for good, each once however many faults it has.</param>
internal readonly record struct ReceivedCount(long Accepted, long Rejected);

/// <summary>
/// Counts what clients were told, by nothing but the answers: what Pub/Sub or ClickHouse lose is found by it. In memory until
/// <see cref="ReceivedWriter"/> has written it.
/// </summary>
internal sealed class ReceivedCounts(TimeProvider clock, IngestionTelemetry telemetry)
{
    /// <summary>Minutes of projects held at once, about 200 bytes each; what does not fit is told by a metric and left out.</summary>
    internal const int Capacity = 100_000;

    /// <summary>How long a minute is held after it began: longer than any request lasts, or a late one would count it from zero.</summary>
    internal static readonly TimeSpan Retention = TimeSpan.FromMinutes(11);

    private readonly Lock _lock = new();
    private readonly Dictionary<ReceivedMinute, ReceivedCount> _counts = [];
    private readonly HashSet<ReceivedMinute> _changed = [];

    /// <summary>A request was answered event by event: 202, or with nothing but faults.</summary>
    public void Answered(ParsedRequest parsed) => Add(parsed.Stamp, parsed.DistinctAccepted, RefusedPlaces(parsed));

    /// <summary>A request was refused as a whole, beside the faults that some of its events have.</summary>
    public void Refused(RequestStamp stamp, ParsedRequest? parsed = null) => Add(stamp, 0, 1 + (parsed is null ? 0 : RefusedPlaces(parsed)));

    /// <summary>Takes at most <paramref name="max"/> minutes of projects that changed since they were taken last.</summary>
    public List<KeyValuePair<ReceivedMinute, ReceivedCount>> TakeChanged(int max)
    {
        lock (_lock)
        {
            List<ReceivedMinute> taken = [.. _changed.Take(max)];
            _changed.ExceptWith(taken);
            return [.. taken.Select(key => KeyValuePair.Create(key, _counts[key]))];
        }
    }

    /// <summary>What was taken could not be written: it is taken again, by then perhaps with more.</summary>
    public void PutBack(IEnumerable<ReceivedMinute> keys)
    {
        lock (_lock)
            _changed.UnionWith(keys);
    }

    /// <summary>Forgets minutes that nothing can come for any more and that are written.</summary>
    public void Forget()
    {
        var oldest = clock.GetUtcNow().UtcDateTime - Retention;
        lock (_lock)
        {
            foreach (var key in _counts.Keys.Where(key => key.Minute < oldest && !_changed.Contains(key)).ToList())
                _counts.Remove(key);
        }
    }

    private void Add(RequestStamp stamp, long accepted, long rejected)
    {
        if (stamp.ProjectId == Canary.ProjectId)
            return;

        var received = stamp.ReceivedAt.UtcDateTime;
        var key = new ReceivedMinute(received.AddTicks(-(received.Ticks % TimeSpan.TicksPerMinute)), stamp.Environment, stamp.ProjectId);
        lock (_lock)
        {
            if (_counts.TryGetValue(key, out var count) || _counts.Count < Capacity)
            {
                _counts[key] = new(count.Accepted + accepted, count.Rejected + rejected);
                _changed.Add(key);
                return;
            }
        }

        telemetry.ReceivedUncounted(accepted + rejected);
    }

    private static int RefusedPlaces(ParsedRequest parsed) => parsed.Faults.Count == 0 ? 0 : parsed.Faults.DistinctBy(fault => fault.Index).Count();
}
