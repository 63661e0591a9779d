using System.Buffers.Text;
using System.Collections.ObjectModel;
using System.Text;
using System.Text.Json;
using CommunityToolkit.HighPerformance.Buffers;
using SegOps.Contracts;
using SegOps.Ingestion.Requests;

namespace SegOps.Ingestion.Parsing;

/// <summary>Reads events one by one, collects all their errors, and writes the valid ones as rows.</summary>
/// <param name="metadata">The values that the events share.</param>
/// <param name="rows">Receives the valid events.</param>
/// <param name="isBatch">Whether <c>sent_at</c> stands next to the events, and not in the only event.</param>
/// <param name="clock">The client's clock, if it is known before the events.</param>
internal sealed class EventReader(RequestMetadata metadata, EventRowWriter rows, bool isBatch, ClientClock clock)
{
    private const int MaxUuidLength = 36;

    private static readonly byte[] Identify = Encoding.UTF8.GetBytes(EventColumns.IdentifyType);
    private readonly JsonText _name = new(EventFieldNames.MaxLength);
    private readonly JsonText _userId = new(EventLimits.MaxUserIdLength);
    private readonly JsonText _eventType = new(EventLimits.MaxEventTypeLength);
    private readonly JsonText _eventId = new(MaxUuidLength);
    private readonly EventTimes _times = new(metadata, clock);
    private readonly SampleCollector _samples = new();
    private readonly PayloadReader _payload = new();
    private readonly List<ValidationError> _errors = [];
    private readonly List<Guid> _eventIds = [];
    private Dictionary<int, Guid>? _rejectedIds;
    private readonly DateTime _lateBefore = Streams.LateBefore(metadata.ReceivedAt);
    private bool _hasClientIds;
    private bool _hasLateEvents;
    private int _rejected;
    private int _index = -1;
    private int _payloadMembers;

    /// <summary>The warnings about valid events and about the request.</summary>
    public WarningCollector Warnings { get; } = new();

    /// <summary>
    /// The clock that <c>sent_at</c> showed after events that it shifts had been read; null otherwise. Then all events must be read again.
    /// </summary>
    public ClientClock? LateClock { get; private set; }

    /// <summary>The result of all reads; owns <paramref name="buffer"/>, which holds the rows.</summary>
    public ParsedRequest Result(ArrayPoolBufferWriter<byte> buffer) => new(buffer)
    {
        Metadata = metadata,
        Accepted = rows.Count,
        Rejected = _rejected,
        EventIds = _eventIds,
        HasClientIds = _hasClientIds,
        HasLateEvents = _hasLateEvents,
        Errors = _errors,
        RejectedIds = (IReadOnlyDictionary<int, Guid>?)_rejectedIds ?? ReadOnlyDictionary<int, Guid>.Empty,
        Samples = _samples.OfErrors,
        Warnings = Warnings.Listed,
        WarningTotals = Warnings.Totals(),
    };

    /// <summary>Reads the event at the position of <paramref name="reader"/>, to its last token.</summary>
    /// <exception cref="JsonException">The body is not JSON.</exception>
    public void Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> body, int index)
    {
        _index = index;
        _times.Begin();
        var start = (int)reader.TokenStartIndex;
        var errorsBefore = _errors.Count;
        var fields = new EventFields { Payload = "{}"u8, Position = (ushort)index };
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            ReadFields(ref reader, body, ref fields);
        }
        else
        {
            _errors.Add(ValidationErrors.NotAnObject(index, reader.TokenType));
            reader.Skip();
        }

        if (_errors.Count > errorsBefore)
        {
            _rejected++;
            if (fields.EventId != Guid.Empty)
                (_rejectedIds ??= [])[index] = fields.EventId;
            Warnings.Discard();
            _samples.Add(_errors, errorsBefore, body[start..(int)reader.BytesConsumed]);
            return;
        }

        if (fields.EventId == Guid.Empty)
            fields.EventId = EventIdSource.Create(metadata.ReceivedAt);
        else
            _hasClientIds = true;
        _hasLateEvents |= fields.OccurredAt < _lateBefore;
        rows.Write(fields, isBatch ? null : _times.Clock.SentAt);
        _eventIds.Add(fields.EventId);
        Warnings.Keep(index, body[start..(int)reader.BytesConsumed], _samples);
    }

    /// <summary>Reads <c>sent_at</c> at the position of <paramref name="reader"/>, to its last token. Ignores an impossible one with a warning.</summary>
    public void ReadSentAt(scoped ref Utf8JsonReader reader)
    {
        var before = _times.Clock;
        if (!_times.TryReadSentAt(ref reader))
        {
            Warnings.Note(KnownWarning.SentAtIgnored);
        }
        else if (isBatch)
        {
            if (_index >= 0 && _times.Clock.Shift != before.Shift)
                LateClock = _times.Clock;
            rows.SetSentAt(_times.Clock.SentAt!.Value);
        }
    }

    private void ReadFields(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> body, ref EventFields fields)
    {
        EventField seen = default, given = default, camelCased = default, duplicates = default;
        _payloadMembers = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = Known(_name.Decode(reader, out var name) == JsonTextResult.Valid ? EventFieldNames.Of(name) : EventField.None);
            if (field == EventField.None)
            {
                var intended = Known(EventFieldNames.OfCamelCase(name));
                camelCased |= intended;
                Warnings.UnknownField(reader.ValueSpan, intended == EventField.None ? null : intended.Name());
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

        fields.OccurredAt = _times.OccurredAt(_index, _errors, Warnings);
        for (var field = EventField.UserId; field <= EventField.SentAt; field = (EventField)((int)field << 1))
        {
            if ((duplicates & field) != 0)
                _errors.Add(ValidationErrors.Duplicate(_index, field.Name()));
        }

        if (_payloadMembers > EventLimits.MaxTraits && fields.EventType.SequenceEqual(Identify))
            Warnings.Note(KnownWarning.TooManyTraits);
        RequireField(EventField.UserId, given, camelCased, "userId");
        RequireField(EventField.EventType, given, camelCased, "eventType");
    }

    /// <summary>The field, or none if it is not one of these events.</summary>
    private EventField Known(EventField field) => isBatch && field == EventField.SentAt ? EventField.None : field;

    private void RequireField(EventField field, EventField given, EventField camelCased, string camelCase)
    {
        if ((given & field) == 0)
            _errors.Add(ValidationErrors.Required(_index, field.Name(), (camelCased & field) != 0, camelCase));
    }

    private void ReadField(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> body, EventField field, ref EventFields fields)
    {
        if (field == EventField.Payload)
        {
            fields.Payload = ReadPayload(ref reader, body);
            return;
        }

        if (field == EventField.SentAt)
        {
            ReadSentAt(ref reader);
            return;
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            _errors.Add(field == EventField.OccurredAt && reader.TokenType == JsonTokenType.Number
                ? ValidationErrors.NumberForTime(_index)
                : ValidationErrors.WrongType(_index, field.Name(), "a string", reader.TokenType));
            reader.Skip();
            return;
        }

        switch (field)
        {
            case EventField.UserId:
                fields.UserId = ReadText(reader, _userId, EventColumns.UserId, EventLimits.MaxUserIdLength);
                CheckUserId(fields.UserId);
                break;
            case EventField.EventType:
                fields.EventType = ReadText(reader, _eventType, EventColumns.EventType, EventLimits.MaxEventTypeLength);
                CheckEventType(fields.EventType);
                break;
            case EventField.OccurredAt:
                _times.ReadOccurredAt(reader, _index, _errors);
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
                _errors.Add(ValidationErrors.TooLong(_index, field, limit));
                break;
            case JsonTextResult.UnpairedSurrogate:
                _errors.Add(ValidationErrors.UnpairedSurrogate(_index, field));
                break;
            case JsonTextResult.Valid when value.IsEmpty:
                _errors.Add(ValidationErrors.Empty(_index, field));
                break;
        }

        return value;
    }

    private void CheckUserId(ReadOnlySpan<byte> userId)
    {
        if (userId.IsEmpty)
            return;
        if (userId.Contains((byte)0))
            _errors.Add(ValidationErrors.Nul(_index, EventColumns.UserId));
        else if (UserIdText.IsBlank(userId))
            _errors.Add(ValidationErrors.Blank(_index, EventColumns.UserId));
        else if (UserIdText.IsPlaceholder(userId))
            Warnings.Note(KnownWarning.SuspiciousUserId);
        if (UserIdText.ChangesDirection(userId))
            Warnings.Note(KnownWarning.DirectionInUserId);
    }

    private void CheckEventType(ReadOnlySpan<byte> eventType)
    {
        if (eventType.IsEmpty || EventTypeText.IsSnakeCase(eventType))
            return;
        if (EventTypeText.HasControlCharacters(eventType))
            _errors.Add(ValidationErrors.ControlCharacters(_index, EventColumns.EventType));
        else
            Warnings.Note(KnownWarning.NotSnakeCase);
        if (UserIdText.ChangesDirection(eventType))
            Warnings.Note(KnownWarning.DirectionInEventType);
    }

    private Guid ReadEventId(scoped in Utf8JsonReader reader)
    {
        // Guid's own parser accepts signs and 0x within the groups; Utf8Parser does not. The nil UUID is the value of an unset variable: as an
        // id it would merge many events into one.
        if (_eventId.Decode(reader, out var text) == JsonTextResult.Valid
            && Utf8Parser.TryParse(text, out Guid id, out var consumed, 'D') && consumed == text.Length && id != Guid.Empty)
            return id;

        _errors.Add(ValidationErrors.InvalidEventId(_index));
        return default;
    }

    private ReadOnlySpan<byte> ReadPayload(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> body)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            _errors.Add(ValidationErrors.WrongType(_index, EventColumns.Payload, "an object", reader.TokenType));
            reader.Skip();
            return default;
        }

        var payload = _payload.Read(ref reader, body, Warnings, out var size, out var levels, out _payloadMembers);
        if (size > EventLimits.MaxPayloadBytes)
            _errors.Add(ValidationErrors.PayloadTooLarge(_index));
        if (levels > EventLimits.MaxPayloadDepth)
            _errors.Add(ValidationErrors.PayloadTooDeep(_index));
        return payload;
    }
}
