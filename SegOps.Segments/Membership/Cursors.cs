using System.Buffers.Text;
using System.Globalization;
using System.Text;
using SegOps.InternalApi;
using SegOps.Warehouse;

namespace SegOps.Segments.Membership;

/// <summary>A place in a list of members or changes, as clients hold it: opaque text.</summary>
/// <param name="Pass">The pass: of the pinned members, or of the last change.</param>
/// <param name="At">The time of that pass, in microseconds since 1970.</param>
/// <param name="Number">The number of members, or 0.</param>
/// <param name="UserId">The last user of the list; null if all of the pass were listed, or none.</param>
internal sealed record Cursor(ulong Pass, long At, long Number, string? UserId)
{
    /// <summary>The time of the pass.</summary>
    internal DateTimeOffset AsOf => QueryValues.Time(At);

    /// <inheritdoc/>
    public override string ToString() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{Pass}:{At}:{Number}:{(UserId is null ? "" : "=" + UserId)}")));

    /// <summary>Reads a cursor; null if there is none.</summary>
    /// <exception cref="InvalidParameterException">It is not one that the service made.</exception>
    internal static Cursor? Parse(string? text)
    {
        if (text is null)
            return null;
        try
        {
            var parts = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Base64Url.DecodeFromChars(text)).Split(':', 4);
            if (parts.Length == 4 && parts[3] is "" or ['=', ..]
                && ulong.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var pass)
                && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at < 250_000_000_000_000_000
                && long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return new(pass, at, number, parts[3].Length == 0 ? null : parts[3][1..]);
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            // It is refused below.
        }
        throw new InvalidParameterException("cursor takes the value of an earlier answer.");
    }
}

/// <summary>The changes after a cursor are not kept any more.</summary>
internal sealed class CursorExpiredException() : Exception("The changes after the cursor are no longer kept.");
