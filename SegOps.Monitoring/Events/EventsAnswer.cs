using System.Text.Json.Serialization;
using SegOps.Monitoring.Http;

namespace SegOps.Monitoring.Events;

/// <summary>Stored events, newest first.</summary>
internal sealed record EventsAnswer(IReadOnlyList<StoredEvent> Events);

/// <summary>One event as it is stored; times are UTC.</summary>
internal sealed record StoredEvent(
    Guid EventId,
    string EventType,
    string UserId,
    DateTime OccurredAt,
    DateTime ReceivedAt,
    Guid RequestId,
    [property: JsonConverter(typeof(RawJsonConverter))] string Payload);
