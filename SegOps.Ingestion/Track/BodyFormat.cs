using Microsoft.Net.Http.Headers;
using SegOps.Contracts;

namespace SegOps.Ingestion.Track;

/// <summary>What the headers say of a body's format.</summary>
internal static class BodyFormat
{
    /// <summary>The content encodings that are understood, one at a time: value of <c>Accept-Encoding</c> in a refusal.</summary>
    public const string Encodings = "gzip, br, deflate, zstd";

    private const string Json = "application/json";

    /// <summary>Checks <c>Content-Type</c> and <c>Content-Encoding</c>, and says in the answer's headers what would do.</summary>
    /// <param name="context">After the decompression middleware, which takes away the encoding that it decodes.</param>
    /// <returns>Why the body is refused; null when it may be read.</returns>
    public static TrackRefusal? Check(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (headers.ContentEncoding is { Count: > 0 } encoding && !string.Equals(encoding, "identity", StringComparison.OrdinalIgnoreCase))
        {
            context.Response.Headers.AcceptEncoding = Encodings;
            return new(ErrorCodes.UnsupportedMediaType, $"Content-Encoding must be absent or one of {Encodings}, and only one.");
        }

        if (IsJson(context.Request.ContentType))
            return null;

        context.Response.Headers["Accept-Post"] = Json;
        return new(ErrorCodes.UnsupportedMediaType,
            "Send JSON in UTF-8 with the header 'Content-Type: application/json'. (curl -d sends another type unless told so by -H.)");
    }

    // A body without a type is most likely what the endpoint takes; a wrong one is a mistake worth hearing of.
    private static bool IsJson(string? contentType)
    {
        if (string.IsNullOrEmpty(contentType) || contentType.Equals(Json, StringComparison.OrdinalIgnoreCase))
            return true;
        return MediaTypeHeaderValue.TryParse(contentType, out var type)
            && (type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase))
            && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));
    }
}
