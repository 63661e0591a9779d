using SegOps.Contracts;
using SegOps.Ingestion.Requests;
using SegOps.Ingestion.Telemetry;

namespace SegOps.Ingestion.Audit;

/// <summary>A minute (UTC) of a project. A request belongs to its minute of receipt.</summary>
internal readonly record struct ReceivedMinute(DateTime Minute, string Environment, string Project);

/// <summary>The events that this process answered. The counts are absolute, so that writing them is idempotent.</summary>
/// <param name="Accepted">Events answered 202; an id counts once per request.</param>
/// <param name="Rejected">Permanently refused events and requests; each counts once, regardless of its number of errors.</param>
internal readonly record struct ReceivedCount(long Accepted, long Rejected);

/// <summary>
/// Counts the answers to clients, independently of Pub/Sub and ClickHouse, so that their losses are detected. The counts stay in memory
/// until <see cref="EventAuditWriter"/> has written them.
/// </summary>
internal sealed class EventAudit(TimeProvider clock, IngestionTelemetry telemetry)
{
    /// <summary>Maximum number of entries, about 200 bytes each. A metric counts the events of further ones.</summary>
    internal const int Capacity = 100_000;

    /// <summary>Retention of a minute from its start. It exceeds the longest request, because a later one would restart the count at zero.</summary>
    internal static readonly TimeSpan Retention = TimeSpan.FromMinutes(11);

    private readonly Lock _lock = new();
    private readonly Dictionary<ReceivedMinute, ReceivedCount> _counts = [];
    private readonly HashSet<ReceivedMinute> _changed = [];

    /// <summary>Counts a request with a result per event: 202, or errors only.</summary>
    public void Answered(ParsedRequest parsed) => Add(parsed.Metadata, parsed.DistinctAccepted, RefusedPlaces(parsed));

    /// <summary>Counts a request that was refused as a whole, and its invalid events.</summary>
    public void Refused(RequestMetadata metadata, ParsedRequest? parsed = null) => Add(metadata, 0, 1 + (parsed is null ? 0 : RefusedPlaces(parsed)));

    /// <summary>Takes at most <paramref name="max"/> entries that have changed since the last call.</summary>
    public List<KeyValuePair<ReceivedMinute, ReceivedCount>> TakeChanged(int max)
    {
        lock (_lock)
        {
            List<ReceivedMinute> taken = [.. _changed.Take(max)];
            _changed.ExceptWith(taken);
            return [.. taken.Select(key => KeyValuePair.Create(key, _counts[key]))];
        }
    }

    /// <summary>Returns entries that could not be written, for the next call.</summary>
    public void PutBack(IEnumerable<ReceivedMinute> keys)
    {
        lock (_lock)
            _changed.UnionWith(keys);
    }

    /// <summary>Removes written minutes that no request can change any more.</summary>
    public void RemoveOld()
    {
        var oldest = clock.GetUtcNow().UtcDateTime - Retention;
        lock (_lock)
        {
            foreach (var key in _counts.Keys.Where(key => key.Minute < oldest && !_changed.Contains(key)).ToList())
                _counts.Remove(key);
        }
    }

    private void Add(RequestMetadata metadata, long accepted, long rejected)
    {
        if (metadata.ProjectId == Canary.ProjectId)
            return;

        var received = metadata.ReceivedAt.UtcDateTime;
        var key = new ReceivedMinute(received.AddTicks(-(received.Ticks % TimeSpan.TicksPerMinute)), metadata.Environment, metadata.ProjectId);
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

    private static int RefusedPlaces(ParsedRequest parsed) => parsed.Errors.Count == 0 ? 0 : parsed.Errors.DistinctBy(error => error.Index).Count();
}
