using System.IO.Compression;
using K4os.Compression.LZ4.Streams;
using SegOps.EmbeddedClickHouse.Engine;
using ZstdSharp;

namespace SegOps.EmbeddedClickHouse.Http;

/// <summary>Undoes Content-Encoding. Each decoder takes several concatenated frames where its format allows them, and none a truncated one.</summary>
internal static class BodyDecoder
{
    /// <summary>The request's body as the client meant it.</summary>
    /// <exception cref="EngineException">The encoding is unknown.</exception>
    public static Stream Decode(HttpRequest request) => request.Headers.ContentEncoding.ToString().ToLowerInvariant() switch
    {
        "" or "identity" => request.Body,
        "gzip" or "x-gzip" => new GZipStream(request.Body, CompressionMode.Decompress),
        "deflate" => new ZLibStream(request.Body, CompressionMode.Decompress),
        "br" => new BrotliStream(request.Body, CompressionMode.Decompress),
        "zstd" => new DecompressionStream(request.Body),
        "lz4" => LZ4Stream.Decode(request.Body, interactive: true),
        var other => throw new EngineException(ErrorCode.NotImplemented, "NOT_IMPLEMENTED", $"Unknown compression method {other}"),
    };

    /// <summary>Whether an exception says that the client sent something broken rather than that we did something wrong.</summary>
    public static bool IsBadBody(Exception exception) =>
        exception is BadHttpRequestException or InvalidDataException or EndOfStreamException or ZstdException or IOException or NotSupportedException;
}
