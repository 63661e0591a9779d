using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Http;

namespace SegOps.Gateway.Keys;

/// <summary>
/// The key in a request's query, <c>?key=pk_live_...</c>: sendBeacon, by which pages send while they close, can set no header. A feature of
/// requests that have one.
/// </summary>
internal sealed class UrlKey
{
    private const string Name = "key";

    private UrlKey(string text, bool isSecret) => (Text, IsSecret) = (text, isSecret);

    /// <summary>The text of the key. Texts that differ are joined by a comma, which no key contains.</summary>
    internal string Text { get; }

    /// <summary>Whether the query had a secret key. It is in the logs of browsers and proxies then.</summary>
    internal bool IsSecret { get; }

    /// <summary>
    /// Moves keys out of the request's URL into this feature, before anything can log, trace or forward the URL: the values of <c>key</c>, and
    /// whole secret keys under any other name.
    /// </summary>
    internal static void Take(IFeatureCollection features)
    {
        if (features.Get<IHttpRequestFeature>() is not { QueryString.Length: > 1 } request)
            return;

        string? text = null;
        var isSecret = false;
        var rest = new StringBuilder();
        foreach (var pair in new QueryStringEnumerable(request.QueryString))
        {
            var isKey = pair.DecodeName().Span.Equals(Name, StringComparison.OrdinalIgnoreCase);
            var value = pair.DecodeValue().Span.Trim();
            var isSecretKey = isKey ? IsMeantAsSecret(value) : IsSecretKey(value);
            isSecret |= isSecretKey;
            if (isKey)
                text = string.IsNullOrEmpty(text) || value.SequenceEqual(text) ? value.ToString() : $"{text},{value}";
            else if (isSecretKey)
                text ??= "";
            else
                rest.Append(rest.Length == 0 ? '?' : '&').Append(pair.EncodedName).Append('=').Append(pair.EncodedValue);
        }
        if (text is null)
            return;

        request.QueryString = rest.ToString();
        request.RawTarget = request.RawTarget.Split('?')[0] + rest;
        features.Set(new UrlKey(text, isSecret));
    }

    /// <summary>Whether a value of <c>key</c> was meant as a secret key, complete or not.</summary>
    private static bool IsMeantAsSecret(ReadOnlySpan<char> text) => text.StartsWith("sk_", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a text is a whole secret key.</summary>
    private static bool IsSecretKey(ReadOnlySpan<char> text) =>
        IsMeantAsSecret(text) && ApiKey.TryParse(text.ToString(), out var key) && key.Kind == ApiKeyKind.Secret;
}

/// <summary>Creates the context of each request, after <see cref="UrlKey.Take"/>. The host logs and traces a request after that.</summary>
internal sealed class UrlKeyContextFactory(IServiceProvider services) : IHttpContextFactory
{
    private readonly DefaultHttpContextFactory _contexts = new(services);

    /// <inheritdoc/>
    public HttpContext Create(IFeatureCollection featureCollection)
    {
        UrlKey.Take(featureCollection);
        return _contexts.Create(featureCollection);
    }

    /// <inheritdoc/>
    public void Dispose(HttpContext httpContext) => _contexts.Dispose(httpContext);
}

/// <summary>The refusal of secret keys in URLs.</summary>
internal static class SecretKeyInUrl
{
    /// <summary>Answers 400 <c>secret_key_in_url</c> on every route, whether the key is valid or not.</summary>
    internal static IApplicationBuilder UseSecretKeyInUrlCheck(this IApplicationBuilder app) => app.Use(static (context, next) =>
        context.Features.Get<UrlKey>() is { IsSecret: true }
            ? Problems.WriteAsync(
                context,
                ErrorCodes.SecretKeyInUrl,
                "URLs are written to the logs of browsers, proxies and servers, so this key must be considered leaked. Rotate it. "
                    + "Send secret keys in the header Authorization only, and use a publishable key (pk_live_...) in URLs.")
            : next(context));
}
