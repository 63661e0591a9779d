using Microsoft.Net.Http.Headers;
using SegOps.Gateway.RateLimiting;

namespace SegOps.Gateway.Http;

/// <summary>
/// Cross-origin resource sharing of the routes that need an API key. Scripts of every origin can call them, because a preflight names no
/// key: whether a key may be used at an origin is decided when the key is checked. Cookies are never allowed.
/// </summary>
internal static class CrossOrigin
{
    /// <summary>Name of the policy. The admin API, the pages and the probes do not have it.</summary>
    internal const string Policy = "CrossOrigin";

    /// <summary>Time for which a browser remembers a preflight: a day. Chromium keeps it for at most two hours, Firefox for a day.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(1);

    private static readonly string[] Methods =
        [HttpMethods.Get, HttpMethods.Head, HttpMethods.Post, HttpMethods.Put, HttpMethods.Patch, HttpMethods.Delete];

    /// <summary>The headers that clients of the API send, those of tracing libraries included.</summary>
    private static readonly string[] RequestHeaders =
    [
        HeaderNames.Authorization, HeaderNames.ContentType, HeaderNames.ContentEncoding, HeaderNames.IfMatch, "Prefer", ClientHeaders.ApiKey,
        HeaderNames.TraceParent, HeaderNames.TraceState, HeaderNames.Baggage,
    ];

    /// <summary>The headers of answers that clients read.</summary>
    private static readonly string[] ResponseHeaders =
        [RateLimitHeaders.Limit, RateLimitHeaders.Policy, HeaderNames.RetryAfter, TraceIdHeader.Name, "Preference-Applied", HeaderNames.ETag, HeaderNames.Location];

    /// <summary>Adds the policy.</summary>
    internal static WebApplicationBuilder AddCrossOrigin(this WebApplicationBuilder builder)
    {
        builder.Services.AddCors(static options => options.AddPolicy(Policy, static policy => policy
            .SetIsOriginAllowed(CanBeRepeated)
            .WithMethods(Methods)
            .WithHeaders(RequestHeaders)
            .WithExposedHeaders(ResponseHeaders)
            .SetPreflightMaxAge(MaxAge)));
        return builder;
    }

    /// <summary>Whether an answer can repeat the origin: browsers send visible ASCII only, and other characters cannot stand in a header.</summary>
    private static bool CanBeRepeated(string origin) => !origin.AsSpan().ContainsAnyExceptInRange('!', '~');
}
