using System.Buffers.Binary;
using System.Text.Json;
using SegOps.Contracts;

namespace SegOps.Ingestion.Parsing;

/// <summary>
/// Reads payloads. One value that ClickHouse's parser refuses makes it read all keys of the payload as defaults, so such values are replaced.
/// All other bytes are stored as sent. A payload without such values is neither copied nor costs an allocation.
/// </summary>
internal sealed class PayloadReader
{
    /// <summary>A payload within its limit has fewer members (<c>"":0,</c>) and fewer faults (<c>1e309,</c>).</summary>
    private const int MaxMembers = EventLimits.MaxPayloadBytes / 5;

    /// <summary>Longer decimal numbers without an exponent can be beyond 64 bits.</summary>
    private const int SafeDigits = 18;

    private const int EscapeLength = 6;

    [ThreadStatic]
    private static ulong[]? _members;

    private List<Fault>? _faults;
    private byte[] _repaired = [];

    /// <summary>Reads the object at the position of <paramref name="reader"/>, to its end, and notes the warnings.</summary>
    /// <param name="reader">Over <paramref name="body"/>.</param>
    /// <param name="body">The whole body.</param>
    /// <param name="warnings">Receives the warnings.</param>
    /// <param name="size">The payload's size as sent, in bytes.</param>
    /// <param name="levels">Its levels of objects and arrays; the payload itself is the first.</param>
    /// <param name="ownMembers">The number of its own members, without those of nested objects.</param>
    /// <returns>The text to store; valid until the next call.</returns>
    public ReadOnlySpan<byte> Read(
        scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> body, WarningCollector warnings, out int size, out int levels, out int ownMembers)
    {
        var start = (int)reader.TokenStartIndex;
        var depth = reader.CurrentDepth;
        var members = _members ??= new ulong[MaxMembers];
        // The hashes of the open objects' names, one object after the other; of each level, where they begin.
        Span<int> begins = stackalloc int[EventLimits.MaxPayloadDepth + 2];
        var (count, isAmbiguous) = (0, false);
        levels = 1;
        ownMembers = 0;
        begins[1] = 0;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            var level = reader.CurrentDepth - depth;
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    levels = Math.Max(levels, level + 1);
                    if (level <= EventLimits.MaxPayloadDepth)
                        begins[level + 1] = count;
                    break;
                case JsonTokenType.EndObject when level <= EventLimits.MaxPayloadDepth:
                    isAmbiguous |= HoldsTwice(members.AsSpan(begins[level + 1]..count));
                    count = begins[level + 1];
                    break;
                case JsonTokenType.PropertyName:
                    ownMembers += level == 1 ? 1 : 0;
                    FindSurrogates(reader);
                    if (count < MaxMembers && level <= EventLimits.MaxPayloadDepth)
                        members[count++] = HashOfName(reader);
                    break;
                case JsonTokenType.String:
                    FindSurrogates(reader);
                    break;
                case JsonTokenType.Number:
                    if (!IsReadable(reader))
                        Add(new((int)reader.TokenStartIndex, reader.ValueSpan.Length));
                    break;
            }
        }

        if (isAmbiguous | HoldsTwice(members.AsSpan(..count)))
            warnings.Note(KnownWarning.PayloadAmbiguous);
        var payload = body[start..(int)reader.BytesConsumed];
        size = payload.Length;
        if (_faults is not { Count: > 0 })
            return payload;
        warnings.Note(KnownWarning.PayloadRepaired);
        return Repair(payload, start, _faults);
    }

    private static bool HoldsTwice(Span<ulong> hashes)
    {
        const int Few = 16;
        if (hashes.Length > Few)
            hashes.Sort();
        for (var i = 1; i < hashes.Length; i++)
        {
            if (hashes.Length > Few ? hashes[i] == hashes[i - 1] : hashes[..i].Contains(hashes[i]))
                return true;
        }

        return false;
    }

    /// <summary>Finds halves of surrogate pairs in the current string or name.</summary>
    private void FindSurrogates(scoped in Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
            return;

        var text = reader.ValueSpan;
        for (var at = JsonText.IndexOfUnpairedSurrogate(text, 0); at >= 0; at = JsonText.IndexOfUnpairedSurrogate(text, at + EscapeLength))
            Add(new((int)reader.TokenStartIndex + 1 + at, Length: 0));
    }

    /// <summary>Whether ClickHouse reads the number: an integer of 64 bits, signed or not, or any other number that a double can hold.</summary>
    private static bool IsReadable(scoped in Utf8JsonReader reader)
    {
        var text = reader.ValueSpan;
        var hasExponent = text.ContainsAny((byte)'e', (byte)'E');
        if (text.Length <= SafeDigits && !hasExponent)
            return true;
        return !hasExponent && !text.Contains((byte)'.')
            ? reader.TryGetInt64(out _) || reader.TryGetUInt64(out _)
            : reader.TryGetDouble(out var number) && double.IsFinite(number);
    }

    private static ulong HashOfName(scoped in Utf8JsonReader reader)
    {
        Span<byte> scratch = stackalloc byte[256];
        scoped var name = reader.ValueSpan;
        if (reader.ValueIsEscaped && name.Length <= scratch.Length && JsonText.IndexOfUnpairedSurrogate(name, 0) < 0)
            name = scratch[..reader.CopyString(scratch)];

        var hash = (ulong)name.Length;
        for (; name.Length >= sizeof(ulong); name = name[sizeof(ulong)..])
            hash = Mixed(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(name));
        ulong rest = 0;
        foreach (var character in name)
            rest = (rest << 8) | character;
        return Mixed(hash ^ rest);
    }

    /// <summary>A bijection, so that names of the same length up to 8 bytes never share a hash.</summary>
    private static ulong Mixed(ulong value)
    {
        value *= 0x9E3779B97F4A7C15;
        return value ^ (value >> 32);
    }

    /// <summary>Notes a fault. A payload with more of them is too large and refused.</summary>
    private void Add(Fault fault)
    {
        _faults ??= [];
        if (_faults.Count < MaxMembers)
            _faults.Add(fault);
    }

    /// <summary>Copies <paramref name="payload"/> with each half of a surrogate pair as <c>\ufffd</c> and each unreadable number in quotes.</summary>
    /// <param name="payload">The text as sent.</param>
    /// <param name="start">Its position in the body.</param>
    /// <param name="faults">What to replace, in order; emptied.</param>
    private ReadOnlySpan<byte> Repair(ReadOnlySpan<byte> payload, int start, List<Fault> faults)
    {
        var longest = payload.Length + (2 * faults.Count);
        if (_repaired.Length < longest)
            _repaired = new byte[longest];

        var (read, written) = (0, 0);
        foreach (var (position, length) in faults)
        {
            var at = position - start;
            Copy(payload[read..at]);
            read = at + (length == 0 ? EscapeLength : length);
            if (length == 0)
            {
                Copy("\\ufffd"u8);
            }
            else
            {
                Copy("\""u8);
                Copy(payload[at..read]);
                Copy("\""u8);
            }
        }

        Copy(payload[read..]);
        faults.Clear();
        return _repaired.AsSpan(0, written);

        void Copy(ReadOnlySpan<byte> text)
        {
            text.CopyTo(_repaired.AsSpan(written));
            written += text.Length;
        }
    }

    /// <summary>A part of the payload to be replaced.</summary>
    /// <param name="At">Its position in the body.</param>
    /// <param name="Length">The length of a number; 0 for the escape of a surrogate.</param>
    private readonly record struct Fault(int At, int Length);
}
