using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SegOps.Conformance.Reference;

/// <summary>An event in the queue.</summary>
internal sealed class ReferenceEvent
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public required string Id { get; init; }

    public required string Type { get; init; }

    /// <summary>The JSON text in UTF-8.</summary>
    public byte[] Bytes { get; set; } = [];

    /// <summary>Makes the text anew, from a payload that may have changed.</summary>
    public Func<byte[]> Made { get; private set; } = () => [];

    public long Sequence { get; set; }

    public long TrackedAt { get; } = Stopwatch.GetTimestamp();

    public bool WasSent { get; set; }

    public TimeSpan Age => Stopwatch.GetElapsedTime(TrackedAt);

    /// <summary>Makes the event, or says why it is not valid.</summary>
    public static (ReferenceEvent Made, string? Reason, string? Message) Make(JsonObject sent, Fault faults)
    {
        var (userId, type, payload) = ((string)sent["userId"]!, (string)sent["eventType"]!, sent["payload"]);
        var occurredAt = (string?)sent["occurredAt"] is { } given
            ? DateTimeOffset.Parse(given, CultureInfo.InvariantCulture)
            : DateTimeOffset.UtcNow - (faults.HasFlag(Fault.WrongTime) ? TimeSpan.FromSeconds(30) : TimeSpan.Zero);
        var id = (string?)sent["eventId"] ?? (faults.HasFlag(Fault.RandomIds) ? Guid.NewGuid() : Ids.Next()).ToString();
        var made = new ReferenceEvent { Id = id, Type = type };
        var text = Encoding.UTF8.GetBytes((payload ?? new JsonObject()).ToJsonString(Plain));
        var fault =
            faults.HasFlag(Fault.NoChecks) ? null
            : userId is not { Length: > 0 } ? "user_id is empty."
            : userId.EnumerateRunes().Count() > 256 ? "user_id is longer than 256 characters."
            : type is not { Length: > 0 } ? "event_type is empty."
            : (faults.HasFlag(Fault.CountsUnits) ? type.Length : type.EnumerateRunes().Count()) > 128 ? "event_type is longer than 128 characters."
            : type.Any(char.IsControl) ? "event_type has a control character."
            : payload is not (null or JsonObject) ? "payload is not an object."
            : payload is not null && Depth(payload) > 10 ? "payload has more than 10 levels."
            : occurredAt > DateTimeOffset.UtcNow.AddHours(24) || occurredAt.Year < 2000 ? "occurred_at is not from 2000 to a day from now."
            : !Guid.TryParseExact(id, "D", out var guid) || guid == Guid.Empty ? "event_id is not a UUID."
            : null;
        if (fault is not null)
            return (made, "invalid", fault);
        if (text.Length > 32_768 && !faults.HasFlag(Fault.NoChecks))
            return (made, "too_large", "payload is over 32,768 bytes.");
        made.Made = () => Json(id, userId, type, occurredAt, Encoding.UTF8.GetBytes((payload ?? new JsonObject()).ToJsonString(Plain)));
        made.Bytes = Json(id, userId, type, occurredAt, text);
        return (made, null, null);
    }

    private static byte[] Json(string id, string userId, string type, DateTimeOffset occurredAt, byte[] payload)
    {
        var buffer = new ArrayBufferWriter<byte>(payload.Length + 256);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("event_id", id);
            writer.WriteString("user_id", userId);
            writer.WriteString("event_type", type);
            writer.WriteString("occurred_at", Time(occurredAt));
            writer.WritePropertyName("payload");
            writer.WriteRawValue(payload, skipInputValidation: true);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static int Depth(JsonNode? node) => node switch
    {
        JsonObject members => 1 + members.Select(member => Depth(member.Value)).DefaultIfEmpty().Max(),
        JsonArray items => 1 + items.Select(Depth).DefaultIfEmpty().Max(),
        _ => 0,
    };

    /// <summary>UUIDs of version 7 in the order of their making.</summary>
    private static class Ids
    {
        private static readonly Lock Lock = new();
        private static string _last = "";

        public static Guid Next()
        {
            lock (Lock)
            {
                for (; ; )
                {
                    var next = Guid.CreateVersion7();
                    if (string.CompareOrdinal(next.ToString(), _last) <= 0)
                        continue;
                    _last = next.ToString();
                    return next;
                }
            }
        }
    }
}
