using System.Globalization;
using SegOps.Contracts;
using SegOps.Ingestion.Requests;

namespace SegOps.Ingestion.Parsing;

/// <summary>
/// Collects a request's warnings. The warnings of an event are pending until it is known whether the event is valid. Bounded for any input:
/// <see cref="MaxListed"/> entries in the answer, <see cref="MaxTotals"/> different fields, <see cref="MaxPerEvent"/> warnings an event.
/// </summary>
internal sealed class WarningCollector
{
    /// <summary>Maximum entries of <see cref="Listed"/>. 100 show any mistake and use less than 32 KB of the answer.</summary>
    public const int MaxListed = 100;

    /// <summary>Maximum different unknown fields counted per request.</summary>
    public const int MaxTotals = 100;

    /// <summary>Maximum warnings of an event.</summary>
    public const int MaxPerEvent = 10;

    private readonly List<EventWarning> _listed = [];
    private readonly Dictionary<string, WarningTotal> _unknownFields = new(StringComparer.Ordinal);
    private readonly List<WarningTotal> _pending = [];
    private WarningTotal? _notSnakeCase;
    private WarningTotal? _tooManyTraits;

    /// <summary>The warnings that the answer lists.</summary>
    public IReadOnlyList<EventWarning> Listed => _listed;

    /// <summary>Each kind of warning once, with its number of occurrences; complete where <see cref="Listed"/> is cut off.</summary>
    public IReadOnlyList<WarningTotal> Totals() => _notSnakeCase is null && _tooManyTraits is null && _unknownFields.Count == 0
        ? []
        : [.. _unknownFields.Values.Append(_notSnakeCase).Append(_tooManyTraits).OfType<WarningTotal>().Where(total => total.Occurrences > 0)];

    /// <summary>Warns that the pending event's type is not snake_case.</summary>
    public void NotSnakeCase() => Note(_notSnakeCase ??= new(EventColumns.EventType, WarningCodes.EventTypeNotSnakeCase,
        "event_type should be snake_case, such as order_placed: words of a-z and 0-9 joined by underscores."));

    /// <summary>Warns that the pending identify has more traits than are set.</summary>
    public void TooManyTraits() => Note(_tooManyTraits ??= new(EventColumns.Payload, WarningCodes.TooManyTraits,
        string.Create(CultureInfo.InvariantCulture, $"payload has more than {EventLimits.MaxTraits} traits; the first {EventLimits.MaxTraits} are set.")));

    /// <summary>Warns of an unknown field of the pending event or of the request.</summary>
    /// <param name="name">The name in the JSON text.</param>
    /// <param name="intended">The field of which it is the camelCase form, if any.</param>
    public void UnknownField(ReadOnlySpan<byte> name, string? intended)
    {
        Span<char> shown = stackalloc char[EventFieldNames.MaxLength];
        shown = shown[..EventFieldNames.Show(name, shown)];
        var lookup = _unknownFields.GetAlternateLookup<ReadOnlySpan<char>>();
        if (lookup.TryGetValue(shown, out var total))
        {
            Note(total);
        }
        else if (_unknownFields.Count < MaxTotals)
        {
            var field = shown.ToString();
            _unknownFields[field] = total = new(field, WarningCodes.UnknownField, intended is null
                ? "This field is unknown and not stored. Put the event's own properties into payload."
                : $"{intended} is the field's name; you sent {field}, which is not stored.");
            Note(total);
        }
    }

    /// <summary>Keeps the pending warnings, because the event at <paramref name="index"/> is valid.</summary>
    /// <param name="index">As in <see cref="EventWarning"/>.</param>
    /// <param name="text">The event's JSON text; empty for the request itself.</param>
    /// <param name="samples">Samples one event per kind of warning; null for the request itself.</param>
    public void Keep(int index, ReadOnlySpan<byte> text = default, SampleCollector? samples = null)
    {
        byte[]? sample = null;
        foreach (var total in _pending)
        {
            total.Occurrences++;
            total.Sample ??= sample ??= samples?.Take(text);
            if (_listed.Count < MaxListed)
                _listed.Add(new(index, total.Field, total.Code, total.Message));
        }

        _pending.Clear();
    }

    /// <summary>Drops the pending warnings of a refused event, because its errors matter.</summary>
    public void Discard() => _pending.Clear();

    private void Note(WarningTotal total)
    {
        if (_pending.Count < MaxPerEvent && !_pending.Contains(total))
            _pending.Add(total);
    }
}
