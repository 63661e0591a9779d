using System.Text.Json;
using SegOps.Contracts;
using SegOps.Ingestion.Requests;

namespace SegOps.Ingestion.Parsing;

/// <summary>The client's clock, as <c>sent_at</c> shows it.</summary>
/// <param name="SentAt">The stated time of sending, UTC; null if there is none.</param>
/// <param name="Shift">The correction of the client's times, in ticks; 0 for a clock that is right.</param>
internal readonly record struct ClientClock(DateTime? SentAt, long Shift)
{
    // A clock that was reset shows 1970 in its own zone. ClickHouse's DateTime64 ends in 2299. The Buddhist calendar is 543 years ahead.
    private static readonly DateTime Min = DateTime.UnixEpoch.AddDays(-1);
    private static readonly DateTime Max = new(2200, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>
    /// Compares <paramref name="text"/> with the time of receipt. The shift is exactly the difference of the stored columns, so that a query
    /// can find the original time.
    /// </summary>
    /// <returns>False if it is not a possible time.</returns>
    public static bool TryRead(ReadOnlySpan<byte> text, RequestMetadata metadata, out ClientClock clock)
    {
        clock = default;
        if (!TimestampParser.TryParse(text, out var ticks) || ticks < Min.Ticks || ticks >= Max.Ticks)
            return false;

        var arrived = metadata.ArrivedAt.UtcTicks;
        var difference = arrived - (arrived % TimeSpan.TicksPerMicrosecond) - ticks;
        clock = new(new DateTime(ticks, DateTimeKind.Utc), Math.Abs(difference) > EventLimits.ClockTolerance.Ticks ? difference : 0);
        return true;
    }
}

/// <summary>Reads the times of events, and corrects them by the client's clock.</summary>
/// <param name="metadata">The request.</param>
/// <param name="clock">The client's clock, if it is known before the events.</param>
internal sealed class EventTimes(RequestMetadata metadata, ClientClock clock)
{
    private readonly JsonText _text = new(TimestampParser.MaxLength);
    private readonly DateTime _receivedAt = metadata.ReceivedAt.UtcDateTime;
    private long? _occurredAt;

    /// <summary>The client's clock, as far as it is known.</summary>
    public ClientClock Clock { get; private set; } = clock;

    /// <summary>Reads <c>sent_at</c> at the position of <paramref name="reader"/>, to its last token.</summary>
    /// <returns>False if it is not a possible time. Then it is ignored.</returns>
    public bool TryReadSentAt(scoped ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String && _text.Decode(reader, out var text) == JsonTextResult.Valid
            && ClientClock.TryRead(text, metadata, out var sent))
        {
            Clock = sent;
            return true;
        }

        reader.Skip();
        return false;
    }

    /// <summary>Begins an event.</summary>
    public void Begin() => _occurredAt = null;

    /// <summary>Reads <c>occurred_at</c>, a string, of the event at <paramref name="index"/>.</summary>
    public void ReadOccurredAt(scoped in Utf8JsonReader reader, int index, List<ValidationError> errors)
    {
        if (_text.Decode(reader, out var text) != JsonTextResult.Valid || !TimestampParser.TryParse(text, out var ticks))
            errors.Add(ValidationErrors.InvalidTimestamp(index, text));
        else
            _occurredAt = ticks;
    }

    /// <summary>The corrected <c>occurred_at</c> of the event, when all of it has been read; the time of receipt if it has none.</summary>
    public DateTime OccurredAt(int index, List<ValidationError> errors, WarningCollector warnings)
    {
        if (_occurredAt is not { } sent)
            return _receivedAt;

        var ticks = sent + Clock.Shift;
        if (ticks > _receivedAt.Ticks + EventLimits.MaxFuture.Ticks)
        {
            errors.Add(ValidationErrors.InFuture(index));
            return default;
        }

        if (ticks < EventLimits.Earliest.Ticks)
        {
            errors.Add(ValidationErrors.TooOld(index));
            return default;
        }

        if (Clock.Shift != 0)
            warnings.Note(KnownWarning.ClockShifted);
        return new DateTime(ticks, DateTimeKind.Utc);
    }
}
