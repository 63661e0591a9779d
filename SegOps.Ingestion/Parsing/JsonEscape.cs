using System.Numerics;
using System.Runtime.Intrinsics;
using CommunityToolkit.HighPerformance.Buffers;

namespace SegOps.Ingestion.Parsing;

/// <summary>Writes UTF-8 text as the content of a JSON string. It escapes only what JSON requires and does not change other bytes.</summary>
internal static class JsonEscape
{
    private const int MaxEscape = 6;
    private const byte FirstPlain = 0x20;

    /// <summary>Appends <paramref name="text"/>, which must be valid UTF-8, to <paramref name="buffer"/>.</summary>
    public static void Write(ArrayPoolBufferWriter<byte> buffer, ReadOnlySpan<byte> text)
    {
        var free = buffer.GetSpan((text.Length * MaxEscape) + Vector128<byte>.Count);
        var written = 0;
        // A payload has a quote every few bytes. The loop checks sixteen bytes at once. It also copies sixteen bytes after each escape, even if fewer
        // precede the next one: the next copy overwrites the rest.
        for (; text.Length >= 2 * Vector128<byte>.Count; text = text[Vector128<byte>.Count..])
        {
            var block = Vector128.Create(text);
            block.CopyTo(free[written..]);
            var from = 0;
            for (var escapes = Escaped(block); escapes != 0; escapes &= escapes - 1)
            {
                var at = BitOperations.TrailingZeroCount(escapes);
                written += at - from;
                written += Escape(text[at], free[written..]);
                from = at + 1;
                Vector128.Create(text[from..]).CopyTo(free[written..]);
            }
            written += Vector128<byte>.Count - from;
        }

        foreach (var character in text)
        {
            if (IsEscaped(character))
                written += Escape(character, free[written..]);
            else
                free[written++] = character;
        }
        buffer.Advance(written);
    }

    /// <summary>A mask of the bytes of <paramref name="block"/> that must be escaped.</summary>
    private static uint Escaped(Vector128<byte> block) => (Vector128.LessThan(block, Vector128.Create(FirstPlain))
        | Vector128.Equals(block, Vector128.Create((byte)'"')) | Vector128.Equals(block, Vector128.Create((byte)'\\'))).ExtractMostSignificantBits();

    private static bool IsEscaped(byte character) => character is < FirstPlain or (byte)'"' or (byte)'\\';

    private static int Escape(byte character, Span<byte> target)
    {
        target[0] = (byte)'\\';
        switch (character)
        {
            case (byte)'"' or (byte)'\\':
                target[1] = character;
                return 2;
            case (byte)'\n':
                target[1] = (byte)'n';
                return 2;
            case (byte)'\r':
                target[1] = (byte)'r';
                return 2;
            case (byte)'\t':
                target[1] = (byte)'t';
                return 2;
            default:
                "u00"u8.CopyTo(target[1..]);
                target[4] = (byte)(character < 0x10 ? '0' : '1');
                target[5] = "0123456789abcdef"u8[character & 0xF];
                return MaxEscape;
        }
    }
}
