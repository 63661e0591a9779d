using System.Text.Json;
using SegOps.Contracts;

namespace SegOps.Ingestion.Track;

/// <summary>Reads the object around a batch's events; <c>sent_at</c> may stand before or after them.</summary>
internal sealed class BatchReader(ParsedRequest parsed)
{
    private const string SentAt = "sent_at";

    // ClickHouse's DateTime64 ends in 2299, and no clock that was ever set is before 1970.
    private static readonly DateTime MinSentAt = DateTime.UnixEpoch;
    private static readonly DateTime MaxSentAt = new(2200, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly JsonText _text = new(FieldName.MaxLength);
    private bool _hasEvents;
    private bool _hasSentAt;
    private int _count;

    /// <summary>Reads to the object's end.</summary>
    /// <returns>Why the batch is refused; null when it is not.</returns>
    /// <exception cref="JsonException">The body is not JSON.</exception>
    public TrackRefusal? Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> body)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var known = _text.Decode(reader, out var name) == JsonTextResult.Valid;
            TrackRefusal? refusal = null;
            if (known && name.SequenceEqual("events"u8))
                refusal = ReadEvents(ref reader, body);
            else if (known && name.SequenceEqual("sent_at"u8))
                refusal = ReadSentAt(ref reader);
            else
                SkipUnknown(ref reader, name);
            if (refusal is not null)
                return refusal;
        }

        return !_hasEvents ? TrackParser.Malformed("events is required: send {\"events\":[...]}, or a single event to /api/ingestion/track/.")
            : _count == 0 ? new TrackRefusal(ErrorCodes.BatchEmpty, $"events is empty: send 1 to {EventLimits.MaxBatchEvents} events.")
            : null;
    }

    private TrackRefusal? ReadEvents(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> body)
    {
        if (_hasEvents)
            return TrackParser.Malformed("events stands more than once; send it once.");

        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        if (reader.TokenType != JsonTokenType.StartArray)
            return TrackParser.Malformed($"events must be an array, but {EventFaults.Named(reader.TokenType)} was sent.");

        _hasEvents = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (_count == EventLimits.MaxBatchEvents)
            {
                return new TrackRefusal(ErrorCodes.BatchTooLarge,
                    $"events holds more than {EventLimits.MaxBatchEvents} events; none was accepted. Send them in several batches.");
            }

            parsed.Events.Read(ref reader, body, _count++);
        }

        return null;
    }

    private TrackRefusal? ReadSentAt(scoped ref Utf8JsonReader reader)
    {
        if (_hasSentAt)
            return TrackParser.Malformed("sent_at stands more than once; send it once.");

        _hasSentAt = true;
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return null;

        if (reader.TokenType != JsonTokenType.String)
        {
            parsed.Refuse(EventFaults.WrongType(EventFault.OfRequest, SentAt, "a string", reader.TokenType));
            reader.Skip();
        }
        else if (_text.Decode(reader, out var text) != JsonTextResult.Valid || !TimestampParser.TryParse(text, out var ticks)
            || ticks < MinSentAt.Ticks || ticks >= MaxSentAt.Ticks)
        {
            parsed.Refuse(EventFaults.InvalidTimestamp(EventFault.OfRequest, SentAt));
        }
        else
        {
            parsed.Rows.SetSentAt(new DateTime(ticks, DateTimeKind.Utc));
        }

        return null;
    }

    private void SkipUnknown(scoped ref Utf8JsonReader reader, scoped ReadOnlySpan<byte> name)
    {
        parsed.Warnings.UnknownField(reader.ValueSpan, name.SequenceEqual("sentAt"u8) ? SentAt : null);
        parsed.Warnings.Keep(EventFault.OfRequest, text: default);
        reader.Read();
        reader.Skip();
    }
}
