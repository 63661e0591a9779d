namespace SegOps.Ingestion.Track;

/// <summary>Unicode's control characters, category Cc.</summary>
internal static class ControlCharacters
{
    /// <summary>Whether <paramref name="text"/>, valid UTF-8, holds one.</summary>
    public static bool In(ReadOnlySpan<byte> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            // U+0080 to U+009F are C2 80 to C2 9F.
            if (text[i] is < 0x20 or 0x7F || (text[i] == 0xC2 && text[i + 1] < 0xA0))
                return true;
        }

        return false;
    }
}
