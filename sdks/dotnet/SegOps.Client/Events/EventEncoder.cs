using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SegOps.Client.Events;

/// <summary>Turns an event into the bytes that are sent, once. Needs no lock: each thread has buffers of its own.</summary>
internal sealed class EventEncoder(JsonSerializerOptions? payloadJson)
{
    public const int MaxPayloadBytes = 32_768;
    public const int MaxPayloadLevels = 10;

    private const string Field = "payload";

    private static readonly JsonEncodedText EventId = JsonEncodedText.Encode("event_id");
    private static readonly JsonEncodedText UserId = JsonEncodedText.Encode("user_id");
    private static readonly JsonEncodedText EventType = JsonEncodedText.Encode("event_type");
    private static readonly JsonEncodedText OccurredAt = JsonEncodedText.Encode("occurred_at");
    private static readonly JsonEncodedText Payload = JsonEncodedText.Encode(Field);

    /// <summary>Escapes only what JSON requires: the server limits bytes, and no browser reads this as HTML.</summary>
    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = MaxPayloadLevels + 1,
    };

    [ThreadStatic]
    private static (JsonBuffer Buffer, Utf8JsonWriter Writer)? _tools;

    private readonly PayloadWriter _payloads = new(payloadJson);

    /// <summary>The event's bytes, or what is wrong with its payload. Never throws because of the payload.</summary>
    public (byte[]? Json, EventFault? Fault) Encode(Guid id, string userId, string eventType, DateTimeOffset occurredAt, object? payload)
    {
        // A payload's own converter can track another event, which must not find these buffers in use.
        var (buffer, writer) = _tools ?? NewTools();
        _tools = null;
        buffer.Clear();
        writer.Reset(buffer);
        try
        {
            writer.WriteStartObject();
            writer.WriteString(EventId, id);
            writer.WriteString(UserId, userId);
            writer.WriteString(EventType, eventType);
            writer.WriteString(OccurredAt, occurredAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            if (payload is not null && WritePayload(buffer, writer, payload) is { } fault)
            {
                return (null, fault);
            }

            writer.WriteEndObject();
            writer.Flush();
            return (buffer.ToArray(), null);
        }
        finally
        {
            buffer.Trim();
            _tools = (buffer, writer);
        }
    }

    private EventFault? WritePayload(JsonBuffer buffer, Utf8JsonWriter writer, object payload)
    {
        try
        {
            writer.WritePropertyName(Payload);
            writer.Flush();
            var start = buffer.Length;
            _payloads.Write(writer, payload);
            writer.Flush();
            return (char)buffer[start] is not '{' ? new EventFault(DropReason.Invalid, "wrong_type", Field, "payload must be an object.")
                : buffer.Length - start > MaxPayloadBytes ? TooLarge()
                : null;
        }
        catch (JsonTooLargeException)
        {
            return TooLarge();
        }
        catch (InvalidOperationException) when (writer.CurrentDepth > MaxPayloadLevels)
        {
            return new EventFault(DropReason.Invalid, "payload_too_deep", Field, $"payload nests deeper than {MaxPayloadLevels} levels.");
        }
#pragma warning disable CA1031 // A payload's own code can throw anything. Its message may repeat values, so only the type is reported.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return new EventFault(DropReason.Invalid, "unserializable", Field, $"payload could not be serialised ({e.GetType().Name}).");
        }
    }

    private static EventFault TooLarge() =>
        new(DropReason.TooLarge, "payload_too_large", Field, $"payload is over {MaxPayloadBytes} bytes of JSON.");

    private static (JsonBuffer Buffer, Utf8JsonWriter Writer) NewTools()
    {
        var buffer = new JsonBuffer();
        return (buffer, new Utf8JsonWriter(buffer, WriterOptions));
    }
}
