using CommunityToolkit.HighPerformance.Buffers;
using Microsoft.AspNetCore.RequestDecompression;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using SegOps.Contracts;
using SegOps.Ingestion.Requests;
using SegOps.ServiceDefaults.Configuration;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace SegOps.Ingestion.Bodies;

/// <summary>Reads a request's body into pooled memory. The memory grows with the bytes that arrive, up to the limit.</summary>
internal static class RequestBody
{
    /// <summary>The supported content encodings; the value of <c>Accept-Encoding</c> in a refusal.</summary>
    public const string Encodings = "gzip, br, deflate, zstd";

    private const string Json = "application/json";
    private const int FirstRead = 16 * 1024;
    private static readonly string[] Charsets = ["utf-8", "utf8", "us-ascii"];

    /// <summary>Adds <see cref="BodyMemory"/>, and zstd and x-gzip to the encodings that the decompression middleware decodes.</summary>
    public static IHostApplicationBuilder AddBodies(this IHostApplicationBuilder builder)
    {
        builder.Services.AddRequestDecompression(options =>
        {
            options.DecompressionProviders.Add("zstd", new ZstdDecompression());
            options.DecompressionProviders.Add("x-gzip", options.DecompressionProviders["gzip"]); // RFC 9110 makes them the same.
        });
        builder.Services.AddValidatedOptions<BodyOptions>(BodyOptions.Section);
        builder.Services.AddSingleton<BodyMemory>();
        return builder;
    }

    /// <summary>Checks <c>Content-Type</c> and <c>Content-Encoding</c>. A refusal lists the supported values in headers.</summary>
    /// <param name="context">After the decompression middleware, which removes the encoding that it decodes.</param>
    /// <returns>The error; null if the body can be read.</returns>
    public static RequestError? CheckFormat(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (headers.ContentEncoding is { Count: > 0 } encoding && !string.Equals(encoding, "identity", StringComparison.OrdinalIgnoreCase))
        {
            context.Response.Headers.AcceptEncoding = Encodings;
            return new(ErrorCodes.UnsupportedMediaType, $"Content-Encoding must be absent or exactly one of {Encodings}.");
        }

        if (IsJson(context.Request.ContentType))
            return null;

        context.Response.Headers["Accept-Post"] = Json;
        return new(ErrorCodes.UnsupportedMediaType,
            "Send JSON in UTF-8 with the header 'Content-Type: application/json'. (curl -d sends another type by default; use -H.)");
    }

    /// <summary>Reads the whole body.</summary>
    /// <param name="request">After the decompression middleware.</param>
    /// <param name="limit">The maximum size, in bytes after decompression.</param>
    /// <param name="buffer">Receives the body.</param>
    /// <param name="memory">Counts the request's bytes.</param>
    /// <returns>The error; null if the body was read.</returns>
    /// <exception cref="BadHttpRequestException">The body is incomplete or arrived too slowly.</exception>
    public static async ValueTask<RequestError?> ReadAsync(HttpRequest request, int limit, ArrayPoolBufferWriter<byte> buffer, BodyMemory.Share memory)
    {
        if (request.ContentLength > limit)
            return TooLarge(limit);

        try
        {
            while (true)
            {
                var read = await request.Body.ReadAsync(buffer.GetMemory(FirstRead), request.HttpContext.RequestAborted);
                if (read == 0)
                    return null;
                if (!memory.TryTake(read))
                    return new(ErrorCodes.Overloaded, "Too many bodies are in memory; nothing was accepted. Retry after Retry-After.");
                buffer.Advance(read);
                if (buffer.WrittenCount > limit)
                    return TooLarge(limit);
            }
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return TooLarge(limit);
        }
        catch (Exception exception) when (exception is InvalidDataException or InvalidOperationException or ZstdException or EndOfStreamException)
        {
            return RequestError.Malformed("The body cannot be decompressed: it is corrupt, incomplete, or not encoded as Content-Encoding says.");
        }
    }

    // A body without a type is probably JSON. A wrong type is a mistake that the client should correct.
    private static bool IsJson(string? contentType)
    {
        if (string.IsNullOrEmpty(contentType) || contentType.Equals(Json, StringComparison.OrdinalIgnoreCase))
            return true;
        return MediaTypeHeaderValue.TryParse(contentType, out var type)
            && (type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase))
            && (!type.Charset.HasValue || IsUtf8(HeaderUtilities.RemoveQuotes(type.Charset)));
    }

    /// <summary>Whether a charset is UTF-8 or a part of it. The parser checks the body itself.</summary>
    private static bool IsUtf8(StringSegment charset)
    {
        foreach (var name in Charsets)
            if (charset.Equals(name, StringComparison.OrdinalIgnoreCase))
                return true;
        return false;
    }

    private static RequestError TooLarge(int limit) => new(ErrorCodes.BodyTooLarge,
        $"The body exceeds {limit} bytes after decompression; nothing was accepted. Send fewer events per request.");

    /// <summary>Decodes <c>zstd</c>, which ASP.NET Core does not support.</summary>
    private sealed class ZstdDecompression : IDecompressionProvider
    {
        /// <summary>8 MB, as a power of two: the largest window that RFC 9659 allows in an HTTP message.</summary>
        private const int MaxWindowLog = 23;

        public Stream GetDecompressionStream(Stream stream)
        {
            var decompressed = new DecompressionStream(stream, leaveOpen: true);
            decompressed.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, MaxWindowLog);
            return decompressed;
        }
    }
}
