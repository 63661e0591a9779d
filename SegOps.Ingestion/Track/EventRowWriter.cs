using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using SegOps.Contracts;

namespace SegOps.Ingestion.Track;

/// <summary>
/// Writes accepted events as the rows that ClickHouse stores: one JSON object a line, the properties in a fixed order. What the rows of a
/// request share is written once and copied. <c>sent_at</c> can follow the events in the body, so a batch's rows keep a slot of
/// spaces for it, which JSON allows there and compression makes vanish.
/// </summary>
internal sealed class EventRowWriter : IDisposable
{
    private const int TimestampLength = 26;
    private const int GuidLength = 36;
    private static readonly byte[] SentAtName = Name(EventColumns.SentAt, "");
    private static readonly byte[] EventIdName = Name(EventColumns.EventId, "");
    private static readonly byte[] UserIdName = Name(EventColumns.UserId);
    private static readonly byte[] EventTypeName = Name(EventColumns.EventType);
    private static readonly byte[] OccurredAtName = Name(EventColumns.OccurredAt);
    private static readonly byte[] PayloadName = Name(EventColumns.Payload);
    private static readonly int SentAtSlot = SentAtName.Length + TimestampLength + 2;

    private readonly PooledBuffer _rows;
    private readonly List<int> _sentAtSlots = [];
    private readonly byte[] _shared;
    private readonly bool _hasSlot;

    /// <param name="stamp">What the rows share.</param>
    /// <param name="hasSlot">Whether <see cref="SetSentAt"/> may be called.</param>
    /// <param name="capacity">A guess at the rows' size, in bytes.</param>
    public EventRowWriter(RequestStamp stamp, bool hasSlot, int capacity)
    {
        _rows = new PooledBuffer(capacity);
        _hasSlot = hasSlot;
        _shared = Shared(stamp, hasSlot ? SentAtSlot : 0);
    }

    /// <summary>How many rows were written.</summary>
    public int Count { get; private set; }

    /// <summary>The rows so far, each ended by a line feed.</summary>
    public ReadOnlySpan<byte> Rows => _rows.Written;

    /// <summary>Appends one row.</summary>
    public void Write(in EventFields fields)
    {
        if (_hasSlot)
            _sentAtSlots.Add(_rows.Length + _shared.Length - SentAtSlot);
        _rows.Write(_shared);
        _rows.Write(EventIdName);
        Utf8Formatter.TryFormat(fields.EventId, _rows.Free(GuidLength), out var written);
        _rows.Advance(written);
        _rows.Write(UserIdName);
        JsonEscape.Write(_rows, fields.UserId);
        _rows.Write(EventTypeName);
        JsonEscape.Write(_rows, fields.EventType);
        _rows.Write(OccurredAtName);
        Write(fields.OccurredAt, _rows.Free(TimestampLength + 2));
        _rows.Advance(TimestampLength);
        _rows.Write(PayloadName);
        JsonEscape.Write(_rows, fields.Payload);
        _rows.Write("\"}\n"u8);
        Count++;
    }

    /// <summary>Sets <c>sent_at</c> of the rows written and still to be written.</summary>
    public void SetSentAt(DateTime sentAt)
    {
        Debug.Assert(_hasSlot);
        FillSlot(_shared.AsSpan(_shared.Length - SentAtSlot), sentAt);
        foreach (var slot in _sentAtSlots)
            _shared.AsSpan(_shared.Length - SentAtSlot).CopyTo(_rows.Written[slot..]);
    }

    /// <inheritdoc/>
    public void Dispose() => _rows.Dispose();

    private static void FillSlot(Span<byte> slot, DateTime sentAt)
    {
        SentAtName.CopyTo(slot);
        // The clock's seventh digit and its Z land where the quote and the comma come to stand.
        Write(sentAt, slot[SentAtName.Length..]);
        "\","u8.CopyTo(slot[(SentAtName.Length + TimestampLength)..]);
    }

    /// <summary>Writes <paramref name="time"/> as <see cref="EventColumns.TimestampFormat"/>, by the much faster round-trip format.</summary>
    private static void Write(DateTime time, Span<byte> target)
    {
        time.TryFormat(target, out _, "O", CultureInfo.InvariantCulture);
        target[10] = (byte)' ';
    }

    private static byte[] Shared(RequestStamp stamp, int slotLength)
    {
        using var shared = new PooledBuffer(512);
        shared.Write(Name(EventColumns.ProjectId, "{"));
        JsonEscape.Write(shared, Encoding.UTF8.GetBytes(stamp.ProjectId));
        shared.Write(Name(EventColumns.Environment));
        JsonEscape.Write(shared, Encoding.UTF8.GetBytes(stamp.Environment));
        shared.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"\",\"{EventColumns.RequestId}\":\"{stamp.RequestId:D}\",\"{EventColumns.ReceivedAt}\":\"{stamp.ReceivedAt.UtcDateTime.ToString(EventColumns.TimestampFormat, CultureInfo.InvariantCulture)}\",")));
        shared.Free(slotLength)[..slotLength].Fill((byte)' ');
        shared.Advance(slotLength);
        return shared.Written.ToArray();
    }

    private static byte[] Name(string column, string before = "\",") => Encoding.UTF8.GetBytes($"{before}\"{column}\":\"");
}
