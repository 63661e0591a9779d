using System.Buffers;

namespace SegOps.Ingestion.Track;

/// <summary>Writes UTF-8 text as the inside of a JSON string, escaping only what JSON makes us escape: the rest stays byte for byte.</summary>
internal static class JsonEscape
{
    private const int MaxEscape = 6;

    private static readonly SearchValues<byte> Escaped = SearchValues.Create(
        [(byte)'"', (byte)'\\', .. Enumerable.Range(0, 0x20).Select(control => (byte)control)]);

    /// <summary>Appends <paramref name="text"/>, which must be valid UTF-8, to <paramref name="buffer"/>.</summary>
    public static void Write(PooledBuffer buffer, ReadOnlySpan<byte> text)
    {
        var free = buffer.Free(text.Length * MaxEscape);
        var written = 0;
        for (var plain = text.IndexOfAny(Escaped); plain >= 0; plain = text.IndexOfAny(Escaped))
        {
            text[..plain].CopyTo(free[written..]);
            written += plain;
            written += Escape(text[plain], free[written..]);
            text = text[(plain + 1)..];
        }

        text.CopyTo(free[written..]);
        buffer.Advance(written + text.Length);
    }

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
