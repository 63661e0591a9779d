using System.Text.Json;
using System.Text.Json.Serialization;

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

/// <summary>Writes a string that holds JSON as that JSON, byte for byte: Ingestion stores no payload that is not valid.</summary>
internal sealed class RawJsonConverter : JsonConverter<string>
{
    /// <inheritdoc/>
    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Answers are only written.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteRawValue(value, skipInputValidation: true);
}
