using System.Buffers.Text;
using System.Collections.ObjectModel;
using System.Text.Json;
using SegOps.Contracts;

namespace SegOps.Ingestion.Track;

/// <summary>Reads one event after the other, notes every fault of each, and writes the valid ones as rows.</summary>
/// <param name="stamp">What the events have in common.</param>
/// <param name="rows">Takes the valid events.</param>
/// <param name="warnings">Takes what looks like a mistake in valid events.</param>
/// <param name="samples">Takes what refused events look like.</param>
internal sealed class EventReader(RequestStamp stamp, EventRowWriter rows, TrackWarnings warnings, EventSamples samples)
{
    private readonly JsonText _name = new(FieldName.MaxLength);
    private readonly JsonText _userId = new(EventLimits.MaxUserIdLength);
    private readonly JsonText _eventType = new(EventLimits.MaxEventTypeLength);
    private readonly JsonText _short = new(TimestampParser.MaxLength);
    private readonly DateTime _receivedAt = stamp.ReceivedAt.UtcDateTime;
    private Dictionary<int, Guid>? _refusedIds;
    private int _index;

    /// <summary>Every fault of every refused event, in the events' order.</summary>
    public List<EventFault> Faults { get; } = [];

    /// <summary>The ids of the valid events, in their order.</summary>
    public List<Guid> EventIds { get; } = [];

    /// <summary>Whether an id of <see cref="EventIds"/> is the client's, so that two may be the same.</summary>
    public bool HasGivenIds { get; private set; }

    /// <summary>The ids of those refused events that have a valid one, by their places; what valid events cost it is nothing.</summary>
    public IReadOnlyDictionary<int, Guid> RefusedIds => (IReadOnlyDictionary<int, Guid>?)_refusedIds ?? ReadOnlyDictionary<int, Guid>.Empty;

    /// <summary>How many events were refused.</summary>
    public int Rejected { get; private set; }

    /// <summary>Reads the event that <paramref name="reader"/> stands on, to its last token.</summary>
    /// <exception cref="JsonException">The body is not JSON.</exception>
    public void Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> body, int index)
    {
        _index = index;
        var start = (int)reader.TokenStartIndex;
        var faultsBefore = Faults.Count;
        var fields = new EventFields { Payload = "{}"u8, OccurredAt = _receivedAt };
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            ReadFields(ref reader, body, ref fields);
        }
        else
        {
            Faults.Add(EventFaults.NotAnObject(index, reader.TokenType));
            reader.Skip();
        }

        if (Faults.Count > faultsBefore)
        {
            Rejected++;
            if (fields.EventId != Guid.Empty)
                (_refusedIds ??= [])[index] = fields.EventId;
            warnings.Forget();
            samples.Add(Faults, faultsBefore, body[start..(int)reader.BytesConsumed]);
            return;
        }

        if (fields.EventId == Guid.Empty)
            fields.EventId = EventIdSource.Create(stamp.ReceivedAt);
        else
            HasGivenIds = true;
        rows.Write(fields);
        EventIds.Add(fields.EventId);
        warnings.Keep(index, body[start..(int)reader.BytesConsumed]);
    }

    private void ReadFields(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> body, ref EventFields fields)
    {
        EventField seen = default, given = default, twins = default, duplicates = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = _name.Decode(reader, out var name) == JsonTextResult.Valid ? EventFieldNames.Of(name) : EventField.None;
            if (field == EventField.None)
            {
                var twin = EventFieldNames.OfTwin(name);
                twins |= twin;
                warnings.UnknownField(reader.ValueSpan, twin == EventField.None ? null : twin.Name());
            }

            reader.Read();
            if (field == EventField.None || (seen & field) != 0)
            {
                duplicates |= field;
                reader.Skip();
                continue;
            }

            seen |= field;
            if (reader.TokenType != JsonTokenType.Null)
            {
                given |= field;
                ReadField(ref reader, body, field, ref fields);
            }
        }

        for (var field = EventField.UserId; field <= EventField.EventId; field = (EventField)((int)field << 1))
        {
            if ((duplicates & field) != 0)
                Faults.Add(EventFaults.Duplicate(_index, field.Name()));
        }

        RequireField(EventField.UserId, given, twins, "userId");
        RequireField(EventField.EventType, given, twins, "eventType");
    }

    private void RequireField(EventField field, EventField given, EventField twins, string twin)
    {
        if ((given & field) == 0)
            Faults.Add(EventFaults.Required(_index, field.Name(), (twins & field) != 0, twin));
    }

    private void ReadField(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> body, EventField field, ref EventFields fields)
    {
        if (field == EventField.Payload)
        {
            fields.Payload = ReadPayload(ref reader, body);
            return;
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            Faults.Add(EventFaults.WrongType(_index, field.Name(), "a string", reader.TokenType));
            reader.Skip();
            return;
        }

        switch (field)
        {
            case EventField.UserId:
                fields.UserId = ReadText(reader, _userId, EventColumns.UserId, EventLimits.MaxUserIdLength);
                break;
            case EventField.EventType:
                fields.EventType = ReadText(reader, _eventType, EventColumns.EventType, EventLimits.MaxEventTypeLength);
                CheckEventType(fields.EventType);
                break;
            case EventField.OccurredAt:
                fields.OccurredAt = ReadOccurredAt(reader);
                break;
            case EventField.EventId:
                fields.EventId = ReadEventId(reader);
                break;
        }
    }

    private ReadOnlySpan<byte> ReadText(scoped in Utf8JsonReader reader, JsonText text, string field, int limit)
    {
        switch (text.Decode(reader, out var value))
        {
            case JsonTextResult.TooLong:
                Faults.Add(EventFaults.TooLong(_index, field, limit));
                break;
            case JsonTextResult.UnpairedSurrogate:
                Faults.Add(EventFaults.UnpairedSurrogate(_index, field));
                break;
            case JsonTextResult.Valid when value.IsEmpty:
                Faults.Add(EventFaults.Empty(_index, field));
                break;
        }

        return value;
    }

    private void CheckEventType(ReadOnlySpan<byte> eventType)
    {
        if (eventType.IsEmpty || SnakeCase.Is(eventType))
            return;
        if (ControlCharacters.In(eventType))
            Faults.Add(EventFaults.ControlCharacters(_index, EventColumns.EventType));
        else
            warnings.NotSnakeCase();
    }

    private DateTime ReadOccurredAt(scoped in Utf8JsonReader reader)
    {
        if (_short.Decode(reader, out var text) != JsonTextResult.Valid || !TimestampParser.TryParse(text, out var ticks))
            Faults.Add(EventFaults.InvalidTimestamp(_index, EventColumns.OccurredAt));
        else if (ticks > _receivedAt.Ticks + EventLimits.MaxFuture.Ticks)
            Faults.Add(EventFaults.InFuture(_index));
        else if (ticks < EventLimits.Earliest.Ticks)
            Faults.Add(EventFaults.TooOld(_index));
        else
            return new DateTime(ticks, DateTimeKind.Utc);

        return default;
    }

    private Guid ReadEventId(scoped in Utf8JsonReader reader)
    {
        // Guid's own parser tolerates signs and 0x within the groups; this one does not. The nil UUID is what a forgotten variable
        // holds, and as an identity it would make one event out of many.
        if (_short.Decode(reader, out var text) == JsonTextResult.Valid
            && Utf8Parser.TryParse(text, out Guid id, out var consumed, 'D') && consumed == text.Length && id != Guid.Empty)
            return id;

        Faults.Add(EventFaults.InvalidEventId(_index));
        return default;
    }

    private ReadOnlySpan<byte> ReadPayload(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> body)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            Faults.Add(EventFaults.WrongType(_index, EventColumns.Payload, "an object", reader.TokenType));
            reader.Skip();
            return default;
        }

        var start = (int)reader.TokenStartIndex;
        int depth = reader.CurrentDepth, deepest = depth;
        while (reader.Read() && reader.CurrentDepth > depth)
            deepest = Math.Max(deepest, reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray ? reader.CurrentDepth : depth);

        var payload = body[start..(int)reader.BytesConsumed];
        if (payload.Length > EventLimits.MaxPayloadBytes)
            Faults.Add(EventFaults.PayloadTooLarge(_index));
        if (deepest - depth >= EventLimits.MaxPayloadDepth)
            Faults.Add(EventFaults.PayloadTooDeep(_index));
        return payload;
    }
}
