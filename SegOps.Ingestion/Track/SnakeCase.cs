namespace SegOps.Ingestion.Track;

/// <summary>The form that event types should have.</summary>
internal static class SnakeCase
{
    /// <summary>Whether <paramref name="name"/> is words of a-z and 0-9 joined by single underscores, beginning with a letter.</summary>
    public static bool Is(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || !char.IsAsciiLetterLower((char)name[0]) || name[^1] == '_')
            return false;

        for (var i = 1; i < name.Length; i++)
        {
            var character = (char)name[i];
            if (character == '_' ? name[i - 1] == '_' : !char.IsAsciiLetterLower(character) && !char.IsAsciiDigit(character))
                return false;
        }

        return true;
    }
}
