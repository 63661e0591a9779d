using SegOps.Contracts;
using ZstdSharp;

namespace SegOps.Ingestion.Track;

/// <summary>Reads a request's whole body, decompressed, into pooled memory: never more than its limit, and no more memory than has arrived.</summary>
internal static class RequestBody
{
    private const int FirstRead = 16 * 1024;

    /// <summary>Reads to the body's end.</summary>
    /// <param name="request">After the decompression middleware.</param>
    /// <param name="limit">In bytes after decompression.</param>
    /// <param name="buffer">Takes the body.</param>
    /// <param name="memory">What the request may still hold.</param>
    /// <returns>Why the body is refused; null when it was read.</returns>
    /// <exception cref="BadHttpRequestException">The client sent less than it announced, or too slowly.</exception>
    public static async ValueTask<TrackRefusal?> ReadAsync(HttpRequest request, int limit, PooledBuffer buffer, BodyMemory.Share memory)
    {
        if (request.ContentLength > limit)
            return TooLarge(limit);

        try
        {
            while (true)
            {
                var read = await request.Body.ReadAsync(buffer.FreeMemory(FirstRead), request.HttpContext.RequestAborted);
                if (read == 0)
                    return null;
                if (!memory.TryTake(read))
                    return new(ErrorCodes.Overloaded, "Too many bodies are being read at once; nothing was accepted. Send the same request again after Retry-After.");
                buffer.Advance(read);
                if (buffer.Length > limit)
                    return TooLarge(limit);
            }
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return TooLarge(limit);
        }
        catch (Exception exception) when (exception is InvalidDataException or InvalidOperationException or ZstdException or EndOfStreamException)
        {
            return TrackParser.Malformed("The body does not decompress: it is corrupt, ends early, or is not what Content-Encoding says.");
        }
    }

    private static TrackRefusal TooLarge(int limit) => new(ErrorCodes.BodyTooLarge,
        $"The body is larger than {limit} bytes, counted after decompression; nothing was accepted. Send less at a time.");
}
