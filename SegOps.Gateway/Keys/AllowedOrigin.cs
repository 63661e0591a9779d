using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;

namespace SegOps.Gateway.Keys;

/// <summary>
/// An origin from which pages may use a publishable key: <c>https://app.example.com</c>, with a port if it is not the scheme's own, or
/// <c>https://*.example.com</c> for all subdomains. It has the form in which browsers send <c>Origin</c>, in lower case.
/// </summary>
internal static partial class AllowedOrigin
{
    /// <summary>The maximum number of origins of a key.</summary>
    internal const int Most = 20;

    /// <summary>The maximum length of an origin: a host name has at most 253 characters.</summary>
    private const int MaxLength = 300;

    private const string Wildcard = "*.";
    private static readonly SearchValues<char> HostCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    /// <summary>Converts <paramref name="text"/> to the form that browsers send; null if it is not an origin.</summary>
    internal static string? Normalize(string text)
    {
        var origin = text.ToLowerInvariant();
        if (origin.Length > MaxLength || Form().Match(origin) is not { Success: true } match)
            return null;
        var (scheme, host, port) = (match.Groups["scheme"].Value, match.Groups["host"].Value, match.Groups["port"].Value);
        if (port.Length == 0)
            return origin;
        if (!ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0)
            return null;
        // Browsers leave out the scheme's own port.
        return (scheme, number) is ("https", 443) or ("http", 80)
            ? $"{scheme}://{host}"
            : string.Create(CultureInfo.InvariantCulture, $"{scheme}://{host}:{number}");
    }

    /// <summary>Whether the normalized <paramref name="allowed"/> covers <paramref name="origin"/>, the value of a header.</summary>
    internal static bool Covers(string allowed, string origin)
    {
        var star = allowed.IndexOf(Wildcard, StringComparison.Ordinal);
        if (star < 0)
            return string.Equals(allowed, origin, StringComparison.OrdinalIgnoreCase);

        var before = allowed.AsSpan(0, star);
        var after = allowed.AsSpan(star + 1);
        return origin.Length > before.Length + after.Length
            && origin.AsSpan().StartsWith(before, StringComparison.OrdinalIgnoreCase)
            && origin.AsSpan().EndsWith(after, StringComparison.OrdinalIgnoreCase)
            && !origin.AsSpan(before.Length, origin.Length - before.Length - after.Length).ContainsAnyExcept(HostCharacters);
    }

    /// <summary>Apps in a web view have schemes of their own, such as <c>capacitor://localhost</c>. A wildcard needs two more names.</summary>
    [GeneratedRegex(@"^(?<scheme>[a-z][a-z0-9+.-]*)://(?<host>\[[0-9a-f:.]+\]|[a-z0-9_-]+(\.[a-z0-9_-]+)*|\*(\.[a-z0-9_-]+){2,})(:(?<port>[0-9]{1,5}))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
