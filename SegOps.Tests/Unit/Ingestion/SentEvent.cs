using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using CsCheck;
using SegOps.Contracts;

namespace SegOps.Tests.Unit.Ingestion;

/// <summary>A valid event, as a client might send it, and what must be stored of it.</summary>
internal sealed record SentEvent(string UserId, string EventType, Guid EventId, DateTime OccurredAt, string Payload, bool Escape)
{
    private static readonly JsonSerializerOptions Escaping = new() { Encoder = JavaScriptEncoder.Default };
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Gen<string> UserIds = Generate.Text.Where(text => text.Any(char.IsAsciiLetter) && !text.Contains('\0'));
    private static readonly Gen<string> EventTypes = Generate.Text.Where(text => text.Length > 0 && !text.Any(char.IsControl));
    private static readonly Gen<DateTime> Times = Gen.DateTime[EventLimits.Earliest.UtcDateTime, Parse.Metadata.ReceivedAt.UtcDateTime];

    public static readonly Gen<SentEvent> Valid = Gen.Select(
        UserIds, EventTypes, Gen.Guid.Where(id => id != Guid.Empty), Times, Generate.ReadableObject, Gen.Bool,
        (user, type, id, time, payload, escape) => new SentEvent(user, type, id, time, payload, escape));

    public string Json
    {
        get
        {
            var text = Escape ? Escaping : Plain;
            return $$"""{"occurred_at":"{{OccurredAt:yyyy-MM-ddTHH:mm:ss.ffffffZ}}","user_id":{{JsonSerializer.Serialize(UserId, text)}},"payload":{{Payload}},"event_type":{{JsonSerializer.Serialize(EventType, text)}},"event_id":"{{EventId.ToString().ToUpperInvariant()}}"}""";
        }
    }

    public StoredEvent Stored => new(
        UserId, EventType, EventId.ToString(), OccurredAt.ToString(EventColumns.TimestampFormat, CultureInfo.InvariantCulture), Payload);
}

/// <summary>What a row, or the table, holds of an event.</summary>
internal sealed record StoredEvent(string? UserId, string? EventType, string? EventId, string? OccurredAt, string? Payload)
{
    public static StoredEvent Read(JsonElement row) => new(
        row.GetProperty(EventColumns.UserId).GetString(), row.GetProperty(EventColumns.EventType).GetString(),
        row.GetProperty(EventColumns.EventId).GetString(), row.GetProperty(EventColumns.OccurredAt).GetString(),
        row.GetProperty(EventColumns.Payload).GetString());
}
