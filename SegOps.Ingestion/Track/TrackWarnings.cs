using SegOps.Contracts;

namespace SegOps.Ingestion.Track;

/// <summary>One entry of <c>warnings</c>.</summary>
/// <param name="Index">As in <see cref="EventFault"/>.</param>
/// <param name="Field">The field it speaks of.</param>
/// <param name="Code">One of <see cref="WarningCodes"/>.</param>
/// <param name="Message">What looks like a mistake, for people.</param>
internal readonly record struct TrackWarning(int Index, string Field, string Code, string Message);

/// <summary>All warnings of one request that have the same code and field.</summary>
/// <param name="Field">As in <see cref="TrackWarning"/>.</param>
/// <param name="Code">As in <see cref="TrackWarning"/>.</param>
/// <param name="Message">As in <see cref="TrackWarning"/>.</param>
internal sealed record WarningTotal(string Field, string Code, string Message)
{
    /// <summary>How many accepted events it concerns.</summary>
    public int Occurrences { get; set; }

    /// <summary>One of those events, masked; null when it concerns none, or <see cref="EventSamples"/> had no room.</summary>
    public byte[]? Sample { get; set; }
}

/// <summary>
/// Collects a request's warnings. An event's are pending until it is known whether the event is accepted. Bounded whatever a client
/// sends: <see cref="MaxListed"/> entries in the answer, <see cref="MaxTotals"/> different fields, <see cref="MaxPerEvent"/> an event.
/// </summary>
/// <param name="samples">Masks one event of each kind of warning.</param>
internal sealed class TrackWarnings(EventSamples samples)
{
    /// <summary>Most entries of <see cref="Listed"/>: 100 show any mistake, and keep the answer below 32 KB of them.</summary>
    public const int MaxListed = 100;

    /// <summary>Most different unknown fields that are counted in one request.</summary>
    public const int MaxTotals = 100;

    /// <summary>Most warnings of one event.</summary>
    public const int MaxPerEvent = 10;

    private readonly List<TrackWarning> _listed = [];
    private readonly Dictionary<string, WarningTotal> _unknownFields = new(StringComparer.Ordinal);
    private readonly List<WarningTotal> _pending = [];
    private WarningTotal? _notSnakeCase;

    /// <summary>What the answer holds.</summary>
    public IReadOnlyList<TrackWarning> Listed => _listed;

    /// <summary>Each kind of warning once, with its number of occurrences; beyond what is listed too.</summary>
    public IEnumerable<WarningTotal> Totals =>
        (_notSnakeCase is null ? _unknownFields.Values : _unknownFields.Values.Append(_notSnakeCase)).Where(total => total.Occurrences > 0);

    /// <summary>Notes that the pending event's type is not snake_case.</summary>
    public void NotSnakeCase() => Note(_notSnakeCase ??= new(EventColumns.EventType, WarningCodes.EventTypeNotSnakeCase,
        "event_type should be snake_case, such as order_placed: words of a-z and 0-9 joined by underscores."));

    /// <summary>Notes a field that the pending event, or the request, should not have.</summary>
    /// <param name="name">The name as it stands in the JSON text.</param>
    /// <param name="meant">The field whose camelCase form it is; null when it is none.</param>
    public void UnknownField(ReadOnlySpan<byte> name, string? meant)
    {
        Span<char> shown = stackalloc char[FieldName.MaxLength];
        shown = shown[..FieldName.Show(name, shown)];
        var lookup = _unknownFields.GetAlternateLookup<ReadOnlySpan<char>>();
        if (lookup.TryGetValue(shown, out var total))
        {
            Note(total);
        }
        else if (_unknownFields.Count < MaxTotals)
        {
            var field = shown.ToString();
            _unknownFields[field] = total = new(field, WarningCodes.UnknownField, meant is null
                ? "This is not a field that SegOps knows, so it is not stored. An event's own properties belong into payload."
                : $"This is not a field that SegOps knows, so it is not stored: did you mean {meant}?");
            Note(total);
        }
    }

    /// <summary>Keeps what is pending, for the event at <paramref name="index"/> was accepted.</summary>
    /// <param name="index">As in <see cref="TrackWarning"/>.</param>
    /// <param name="text">The event's JSON text; empty when it is no event.</param>
    public void Keep(int index, ReadOnlySpan<byte> text)
    {
        byte[]? sample = null;
        foreach (var total in _pending)
        {
            total.Occurrences++;
            total.Sample ??= sample ??= samples.Take(text);
            if (_listed.Count < MaxListed)
                _listed.Add(new(index, total.Field, total.Code, total.Message));
        }

        _pending.Clear();
    }

    /// <summary>Forgets what is pending, for the event was refused: its errors say what matters.</summary>
    public void Forget() => _pending.Clear();

    private void Note(WarningTotal total)
    {
        if (_pending.Count < MaxPerEvent && !_pending.Contains(total))
            _pending.Add(total);
    }
}
