using System.Text.Json;
using SegOps.Contracts;
using SegOps.Ingestion.Requests;

namespace SegOps.Ingestion.Parsing;

/// <summary>Reads the object around a batch's events. <c>sent_at</c> can precede or follow them.</summary>
internal sealed class BatchReader(EventReader events)
{
    private readonly JsonText _text = new(EventFieldNames.MaxLength);
    private bool _hasEvents;
    private bool _hasSentAt;
    private int _count;

    /// <summary>Reads the object to its end.</summary>
    /// <returns>The error; null if the batch is not refused.</returns>
    /// <exception cref="JsonException">The body is not JSON.</exception>
    public RequestError? Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> body)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var known = _text.Decode(reader, out var name) == JsonTextResult.Valid;
            RequestError? error = null;
            if (known && name.SequenceEqual("events"u8))
                error = ReadEvents(ref reader, body);
            else if (known && name.SequenceEqual("sent_at"u8))
                error = ReadSentAt(ref reader);
            else
                SkipUnknown(ref reader, name);
            if (error is not null)
                return error;
        }

        return !_hasEvents ? RequestError.Malformed("events is required: send {\"events\":[...]}, or a single event to /api/ingestion/track/.")
            : _count == 0 ? new RequestError(ErrorCodes.BatchEmpty, $"events is empty: send 1 to {EventLimits.MaxBatchEvents} events.")
            : null;
    }

    private RequestError? ReadEvents(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> body)
    {
        if (_hasEvents)
            return RequestError.Malformed("events stands more than once; send it once.");

        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        if (reader.TokenType != JsonTokenType.StartArray)
            return RequestError.Malformed($"events must be an array, but {ValidationErrors.Named(reader.TokenType)} was sent.");

        _hasEvents = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (_count == EventLimits.MaxBatchEvents)
            {
                return new RequestError(ErrorCodes.BatchTooLarge,
                    $"events holds more than {EventLimits.MaxBatchEvents} events; none was accepted. Send them in several batches.");
            }

            events.Read(ref reader, body, _count++);
        }

        return null;
    }

    private RequestError? ReadSentAt(scoped ref Utf8JsonReader reader)
    {
        if (_hasSentAt)
            return RequestError.Malformed("sent_at stands more than once; send it once.");

        _hasSentAt = true;
        reader.Read();
        if (reader.TokenType != JsonTokenType.Null)
        {
            events.ReadSentAt(ref reader);
            events.Warnings.Keep(ValidationError.OfRequest);
        }

        return null;
    }

    private void SkipUnknown(scoped ref Utf8JsonReader reader, scoped ReadOnlySpan<byte> name)
    {
        events.Warnings.UnknownField(reader.ValueSpan, name.SequenceEqual("sentAt"u8) ? EventColumns.SentAt : null);
        events.Warnings.Keep(ValidationError.OfRequest);
        reader.Read();
        reader.Skip();
    }
}
