using System.Globalization;

namespace SegOps.Gateway.RateLimiting;

/// <summary>
/// The header fields of draft-ietf-httpapi-ratelimit-headers-10: the limits (q units in w seconds), and their rest (r units, for
/// t seconds). Both are lists of structured fields (RFC 9651).
/// </summary>
internal static class RateLimitHeaders
{
    internal const string Policy = "RateLimit-Policy";
    internal const string Limit = "RateLimit";

    /// <summary>One item of RateLimit-Policy.</summary>
    internal static string PolicyOf(string name, long quota, long windowSeconds) =>
        string.Create(CultureInfo.InvariantCulture, $"\"{name}\";q={quota};w={windowSeconds}");

    /// <summary>One item of RateLimit.</summary>
    internal static string LimitOf(string name, long remaining, TimeSpan holdsFor) =>
        string.Create(CultureInfo.InvariantCulture, $"\"{name}\";r={remaining};t={(long)Math.Ceiling(holdsFor.TotalSeconds)}");
}
