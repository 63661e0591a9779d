using CommunityToolkit.HighPerformance.Buffers;
using Microsoft.AspNetCore.RequestDecompression;
using Microsoft.Net.Http.Headers;
using SegOps.Contracts;
using SegOps.Ingestion.Requests;
using SegOps.ServiceDefaults.Configuration;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace SegOps.Ingestion.Bodies;

/// <summary>Reads a request's whole body into pooled memory: never more bytes than its limit, and no more memory than has arrived.</summary>
internal static class RequestBody
{
    /// <summary>The supported content encodings: value of <c>Accept-Encoding</c> in a refusal. A body may have one of them.</summary>
    public const string Encodings = "gzip, br, deflate, zstd";

    private const string Json = "application/json";
    private const int FirstRead = 16 * 1024;

    /// <summary>Adds <see cref="BodyMemory"/>, and zstd to the encodings that the decompression middleware decodes.</summary>
    public static IHostApplicationBuilder AddBodies(this IHostApplicationBuilder builder)
    {
        builder.Services.AddRequestDecompression(options => options.DecompressionProviders.Add("zstd", new ZstdDecompression()));
        builder.Services.AddValidatedOptions<BodyOptions>(BodyOptions.Section);
        builder.Services.AddSingleton<BodyMemory>();
        return builder;
    }

    /// <summary>Checks <c>Content-Type</c> and <c>Content-Encoding</c>. A refusal names the supported values in the answer's headers.</summary>
    /// <param name="context">After the decompression middleware, which removes the encoding that it decodes.</param>
    /// <returns>Why the body is refused; null when it may be read.</returns>
    public static RequestError? CheckFormat(HttpContext context)
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

    /// <summary>Reads to the body's end.</summary>
    /// <param name="request">After the decompression middleware.</param>
    /// <param name="limit">In bytes after decompression.</param>
    /// <param name="buffer">Takes the body.</param>
    /// <param name="memory">Counts the bytes that the request holds.</param>
    /// <returns>Why the body is refused; null when it was read.</returns>
    /// <exception cref="BadHttpRequestException">The client sent less than it announced, or too slowly.</exception>
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
                    return new(ErrorCodes.Overloaded, "Too many bodies are being read at once; nothing was accepted. Send the same request again after Retry-After.");
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
            return RequestError.Malformed("The body does not decompress: it is corrupt, ends early, or is not what Content-Encoding says.");
        }
    }

    // A body without a type is probably JSON. A wrong type is a mistake that the client should learn about.
    private static bool IsJson(string? contentType)
    {
        if (string.IsNullOrEmpty(contentType) || contentType.Equals(Json, StringComparison.OrdinalIgnoreCase))
            return true;
        return MediaTypeHeaderValue.TryParse(contentType, out var type)
            && (type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase))
            && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));
    }

    private static RequestError TooLarge(int limit) => new(ErrorCodes.BodyTooLarge,
        $"The body is larger than {limit} bytes, counted after decompression; nothing was accepted. Send less at a time.");

    /// <summary>Content encoding <c>zstd</c>, which the framework lacks.</summary>
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
