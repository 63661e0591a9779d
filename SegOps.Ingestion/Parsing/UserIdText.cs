using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace SegOps.Ingestion.Parsing;

/// <summary>Checks the text of a user id. All texts are valid UTF-8.</summary>
internal static class UserIdText
{
    /// <summary>Maximum length of a placeholder, in bytes: a UUID in braces, with a few spaces.</summary>
    private const int MaxPlaceholder = 48;

    /// <summary>
    /// What programs write for a missing value, and ids that PostHog, Mixpanel and Amplitude refuse. Compared without case and surrounding
    /// white space. <c>9774d56d682e549c</c> is the ANDROID_ID that many devices share.
    /// </summary>
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Placeholders = FrozenSet.ToFrozenSet<string>(
    [
        "null", "nil", "none", "undefined", "nan", "n/a", "na", "(null)", "<null>", "<nil>", "%!s(<nil>)", "\\n", "empty", "unknown", "missing", "default",
        "anonymous", "anon", "anonymous_user", "guest", "guest_user", "visitor", "not_authenticated", "unauthenticated", "not_set", "(not set)",
        "id", "user", "user_id", "userid", "uid", "distinct_id", "distinctid", "email", "username", "string", "true", "false", "-1", "-",
        "[object object]", "[object undefined]", "[object null]", "[]", "{}", "\"\"", "''", "\"null\"", "'null'", "\"undefined\"", "{user_id}",
        "{{user_id}}", "${user_id}", "9774d56d682e549c",
    ], StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Letters and symbols by category that no font shows: Hangul fillers and the empty Braille pattern.</summary>
    private static readonly SearchValues<char> Blanks = SearchValues.Create("\u115F\u1160\u2800\u3164\uFFA0");

    /// <summary>Whether nothing of <paramref name="text"/> can be seen: white space, control, format and combining characters.</summary>
    public static bool IsBlank(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf8(text, out var rune, out var length);
            if (!IsInvisible(rune))
                return false;
            text = text[length..];
        }

        return true;
    }

    /// <summary>Whether <paramref name="text"/> is a placeholder and not an id of one person.</summary>
    public static bool IsPlaceholder(ReadOnlySpan<byte> text)
    {
        if (text.Length > MaxPlaceholder)
            return false;

        Span<char> characters = stackalloc char[MaxPlaceholder];
        Utf8.ToUtf16(text, characters, out _, out var written);
        var trimmed = ((ReadOnlySpan<char>)characters[..written]).Trim();
        return IsUnsetNumber(trimmed) || Placeholders.Contains(trimmed);
    }

    /// <summary>Whether <paramref name="text"/>, as part of an id or a type, holds characters that change the direction of text.</summary>
    public static bool ChangesDirection(ReadOnlySpan<byte> text)
    {
        if (Ascii.IsValid(text))
            return false;

        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf8(text, out var rune, out var length);
            if (rune.Value is 0x061C or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069))
                return true;
            text = text[length..];
        }

        return false;
    }

    /// <summary>Whether all digits are 0, or all digits of a UUID are F: <c>0</c>, and the nil and the max UUID in any spelling.</summary>
    private static bool IsUnsetNumber(ReadOnlySpan<char> text)
    {
        text = text.Trim("{}()");
        return text.Contains('0') ? !text.ContainsAnyExcept('0', '-') : text.Length is 32 or 36 && !text.ContainsAnyExcept('f', 'F', '-');
    }

    private static bool IsInvisible(Rune rune) =>
        Rune.IsWhiteSpace(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.NonSpacingMark
        || (rune.IsBmp && Blanks.Contains((char)rune.Value));
}
