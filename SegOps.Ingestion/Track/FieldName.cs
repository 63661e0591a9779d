namespace SegOps.Ingestion.Track;

/// <summary>Names of fields that the client chose: they can be long, or hold what should not be kept.</summary>
internal static class FieldName
{
    /// <summary>Longest name that is shown, in characters.</summary>
    public const int MaxLength = 128;

    /// <summary>Writes what may be shown of <paramref name="name"/>: its first characters, with <c>_</c> for all but <c>A-Za-z0-9_.-</c>.</summary>
    /// <returns>How many characters of <paramref name="shown"/> were written.</returns>
    public static int Show(ReadOnlySpan<byte> name, Span<char> shown)
    {
        var length = Math.Min(name.Length, MaxLength);
        for (var i = 0; i < length; i++)
        {
            var character = (char)name[i];
            shown[i] = char.IsAsciiLetterOrDigit(character) || character is '.' or '-' ? character : '_';
        }

        return length;
    }
}
