using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using CommunityToolkit.HighPerformance.Buffers;
using SegOps.Contracts;
using SegOps.Ingestion.Requests;

namespace SegOps.Ingestion.Parsing;

/// <summary>
/// Writes accepted events as rows for ClickHouse: one JSON object per line, with properties in a fixed order. The part that all rows
/// share is formatted once and copied. <c>sent_at</c> can follow the events in the body, so a batch's rows keep a slot of spaces for it: JSON
/// allows spaces there, and they compress to almost nothing.
/// </summary>
internal sealed class EventRowWriter
{
    private const int TimestampLength = 26;
    private const int GuidLength = 36;
    private const int MaxPositionLength = 5;
    private static readonly byte[] ProjectIdName = Name(EventColumns.ProjectId, "{");
    private static readonly byte[] EnvironmentName = Name(EventColumns.Environment);
    private static readonly byte[] SentAtName = Name(EventColumns.SentAt, "");
    private static readonly byte[] EventIdName = Name(EventColumns.EventId, "");
    private static readonly byte[] UserIdName = Name(EventColumns.UserId);
    private static readonly byte[] EventTypeName = Name(EventColumns.EventType);
    private static readonly byte[] OccurredAtName = Name(EventColumns.OccurredAt);
    private static readonly byte[] PositionName = Encoding.UTF8.GetBytes($"\",\"{EventColumns.Position}\":");
    private static readonly byte[] PayloadName = Name(EventColumns.Payload, ",");
    private static readonly int SentAtSlot = SentAtName.Length + TimestampLength + 2;

    private readonly ArrayPoolBufferWriter<byte> _rows;
    private readonly List<int> _sentAtSlots = [];
    private readonly byte[] _shared;
    private readonly bool _hasSlot;

    /// <param name="rows">Receives the rows, each followed by a line feed.</param>
    /// <param name="metadata">The values that the rows share.</param>
    /// <param name="hasSlot">Whether <see cref="SetSentAt"/> may be called.</param>
    public EventRowWriter(ArrayPoolBufferWriter<byte> rows, RequestMetadata metadata, bool hasSlot)
    {
        _rows = rows;
        _hasSlot = hasSlot;
        _shared = Shared(metadata, hasSlot ? SentAtSlot : 0);
    }

    /// <summary>The number of rows written.</summary>
    public int Count { get; private set; }

    /// <summary>Appends one row, with <paramref name="sentAt"/> if it is given.</summary>
    public void Write(in EventFields fields, DateTime? sentAt)
    {
        if (_hasSlot)
            _sentAtSlots.Add(_rows.WrittenCount + _shared.Length - SentAtSlot);
        _rows.Write(_shared);
        if (sentAt is { } sent)
        {
            FillSlot(_rows.GetSpan(SentAtSlot), sent);
            _rows.Advance(SentAtSlot);
        }

        _rows.Write(EventIdName);
        Utf8Formatter.TryFormat(fields.EventId, _rows.GetSpan(GuidLength), out var written);
        _rows.Advance(written);
        _rows.Write(UserIdName);
        JsonEscape.Write(_rows, fields.UserId);
        _rows.Write(EventTypeName);
        JsonEscape.Write(_rows, fields.EventType);
        _rows.Write(OccurredAtName);
        Write(fields.OccurredAt, _rows.GetSpan(TimestampLength + 2));
        _rows.Advance(TimestampLength);
        _rows.Write(PositionName);
        Utf8Formatter.TryFormat(fields.Position, _rows.GetSpan(MaxPositionLength), out written);
        _rows.Advance(written);
        _rows.Write(PayloadName);
        JsonEscape.Write(_rows, fields.Payload);
        _rows.Write("\"}\n"u8);
        Count++;
    }

    /// <summary>Sets <c>sent_at</c> of all rows, also of those already written.</summary>
    public void SetSentAt(DateTime sentAt)
    {
        Debug.Assert(_hasSlot);
        FillSlot(_shared.AsSpan(_shared.Length - SentAtSlot), sentAt);
        var written = _rows.DangerousGetArray();
        foreach (var slot in _sentAtSlots)
            _shared.AsSpan(_shared.Length - SentAtSlot).CopyTo(written.AsSpan(slot));
    }

    private static void FillSlot(Span<byte> slot, DateTime sentAt)
    {
        SentAtName.CopyTo(slot);
        // The round-trip format writes two characters more, a seventh digit and Z. The quote and the comma overwrite them.
        Write(sentAt, slot[SentAtName.Length..]);
        "\","u8.CopyTo(slot[(SentAtName.Length + TimestampLength)..]);
    }

    /// <summary>Writes <paramref name="time"/> in <see cref="EventColumns.TimestampFormat"/>. The round-trip format is much faster.</summary>
    private static void Write(DateTime time, Span<byte> target)
    {
        time.TryFormat(target, out _, "O", CultureInfo.InvariantCulture);
        target[10] = (byte)' ';
    }

    private static byte[] Shared(RequestMetadata metadata, int slotLength)
    {
        using var shared = new ArrayPoolBufferWriter<byte>(512);
        shared.Write(ProjectIdName);
        JsonEscape.Write(shared, Encoding.UTF8.GetBytes(metadata.ProjectId));
        shared.Write(EnvironmentName);
        JsonEscape.Write(shared, Encoding.UTF8.GetBytes(metadata.Environment));
        shared.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"\",\"{EventColumns.RequestId}\":\"{metadata.RequestId:D}\",\"{EventColumns.ReceivedAt}\":\"{metadata.ReceivedAt.UtcDateTime.ToString(EventColumns.TimestampFormat, CultureInfo.InvariantCulture)}\",")));
        shared.GetSpan(slotLength)[..slotLength].Fill((byte)' ');
        shared.Advance(slotLength);
        return shared.WrittenSpan.ToArray();
    }

    private static byte[] Name(string column, string before = "\",") => Encoding.UTF8.GetBytes($"{before}\"{column}\":\"");
}

/// <summary>The values of an event. Strings are UTF-8 without JSON escapes. They are valid as long as the body and the reader's buffer.</summary>
internal ref struct EventFields
{
    public ReadOnlySpan<byte> UserId;
    public ReadOnlySpan<byte> EventType;

    /// <summary>The payload's JSON text as stored.</summary>
    public ReadOnlySpan<byte> Payload;

    public Guid EventId;

    /// <summary>The event's place in its request.</summary>
    public ushort Position;

    /// <summary>UTC.</summary>
    public DateTime OccurredAt;
}
