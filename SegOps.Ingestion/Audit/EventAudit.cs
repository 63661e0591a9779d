using SegOps.Contracts;
using SegOps.Ingestion.Requests;
using SegOps.Ingestion.Telemetry;

namespace SegOps.Ingestion.Audit;

/// <summary>A minute (UTC) of a project. A request belongs to its minute of receipt.</summary>
internal readonly record struct ReceivedMinute(DateTime Minute, string Environment, string Project);

/// <summary>Events that this process answered.</summary>
/// <param name="Accepted">Events answered 202; an id counts once per request.</param>
/// <param name="Rejected">Permanently refused events and requests; each counts once, regardless of its number of errors.</param>
internal readonly record struct ReceivedCount(long Accepted, long Rejected);

/// <summary>
/// Counts the answers to clients, independently of the events' messages and of ClickHouse, so that losses of both are detected. It holds what
/// <see cref="EventAuditPublisher"/> has not taken yet.
/// </summary>
internal sealed class EventAudit(IngestionTelemetry telemetry)
{
    /// <summary>Maximum number of entries, about 200 bytes each. A metric counts the events of further ones.</summary>
    internal const int Capacity = 100_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<ReceivedMinute, ReceivedCount> _counts = [];

    /// <summary>Counts a request with a result per event: 202, or errors only.</summary>
    public void Answered(ParsedRequest parsed) => Add(parsed.Metadata, parsed.DistinctAccepted, RefusedPlaces(parsed));

    /// <summary>Counts a request that was refused as a whole, and its invalid events.</summary>
    public void Refused(RequestMetadata metadata, ParsedRequest? parsed = null) => Add(metadata, 0, 1 + (parsed is null ? 0 : RefusedPlaces(parsed)));

    /// <summary>Takes at most <paramref name="max"/> entries, and forgets them.</summary>
    public List<KeyValuePair<ReceivedMinute, ReceivedCount>> Take(int max)
    {
        lock (_lock)
        {
            List<KeyValuePair<ReceivedMinute, ReceivedCount>> taken = [.. _counts.Take(max)];
            foreach (var (key, _) in taken)
                _counts.Remove(key);
            return taken;
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
                return;
            }
        }

        telemetry.ReceivedUncounted(accepted + rejected);
    }

    private static int RefusedPlaces(ParsedRequest parsed) => parsed.Errors.Count == 0 ? 0 : parsed.Errors.DistinctBy(error => error.Index).Count();
}
