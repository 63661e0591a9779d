using System.Text;
using SegOps.Gateway.Http;

namespace SegOps.Gateway.Keys;

/// <summary>
/// What a request gives as its API key. Forms, in this order: <c>Authorization</c> with the scheme ApiKey or Bearer, or Basic with the key as
/// the user name and any password; <c>X-Api-Key</c>; and <see cref="UrlKey"/>. Several forms are allowed if all give the same key.
/// </summary>
internal readonly struct Credentials
{
    /// <summary>How to send a key, for the answer to a request without one.</summary>
    internal const string Send = "Send the header 'Authorization: ApiKey sk_live_...' with a key of your project.";
    private const string Others = "The schemes Bearer, and Basic with the key as the user name, and the header X-Api-Key are taken as well.";

    /// <summary>Maximum bytes of decoded Basic credentials.</summary>
    private const int MaxBasicBytes = 1024;

    /// <summary>Maximum length of a scheme that an answer repeats.</summary>
    private const int MaxSchemeLength = 20;

    private Credentials(string? key, string? advice = null) => (Key, Advice) = (key, advice);

    /// <summary>The text of the key, which can be malformed; null if the request gives none.</summary>
    internal string? Key { get; }

    /// <summary>How to send a key, if the form is at fault; else null.</summary>
    internal string? Advice { get; }

    /// <summary>Reads the credentials of a request.</summary>
    internal static Credentials Of(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (headers.Authorization.Count > 1)
            return Several;

        var found = OfAuthorization(headers.Authorization.ToString().AsSpan().Trim());
        foreach (var text in headers[ClientHeaders.ApiKey])
            found = found.With(text?.Trim());
        return found.With(context.Features.Get<UrlKey>()?.Text);
    }

    private static Credentials Several => new("", "The request gives several keys, which differ. " + Send);

    /// <summary>These credentials and the key of another form.</summary>
    private Credentials With(string? key) => string.IsNullOrEmpty(key) ? this : Key is null || Key == key ? new(key) : Several;

    private static Credentials OfAuthorization(ReadOnlySpan<char> header)
    {
        if (header.IsEmpty)
            return default;

        var end = header.IndexOf(' ');
        var scheme = end < 0 ? header : header[..end];
        var rest = end < 0 ? default : header[end..].Trim();
        if (Is(scheme, ApiKeyHandler.Scheme) || Is(scheme, "Bearer"))
            return rest.IsEmpty ? default : new(rest.ToString());
        if (Is(scheme, "Basic"))
            return OfBasic(rest);
        return new(null, $"The header Authorization has {(end < 0 ? "no scheme" : NameOf(scheme))}. {Send} {Others}");
    }

    private static Credentials OfBasic(ReadOnlySpan<char> base64)
    {
        Span<byte> decoded = stackalloc byte[MaxBasicBytes];
        if (!Convert.TryFromBase64Chars(base64, decoded, out var length))
            return new("", "The credentials of the scheme Basic are not the base64 of the key and a colon. " + Send);

        decoded = decoded[..length];
        var colon = decoded.IndexOf((byte)':');
        var user = Encoding.Latin1.GetString(colon < 0 ? decoded : decoded[..colon]).Trim();
        return user.Length > 0 ? new(user) : new(null, "The user name of the scheme Basic is empty; it has to be the key. " + Send);
    }

    /// <summary>Repeats a scheme only if it cannot be a key or another secret: keys contain underscores and are longer.</summary>
    private static string NameOf(ReadOnlySpan<char> scheme)
    {
        foreach (var character in scheme)
            if (!char.IsAsciiLetterOrDigit(character) && character != '-')
                return "an unknown scheme";
        return scheme.Length <= MaxSchemeLength ? $"the scheme {scheme}" : "an unknown scheme";
    }

    private static bool Is(ReadOnlySpan<char> scheme, string name) => scheme.Equals(name, StringComparison.OrdinalIgnoreCase);
}
