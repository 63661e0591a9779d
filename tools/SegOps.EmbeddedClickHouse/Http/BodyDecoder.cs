using System.IO.Compression;
using K4os.Compression.LZ4.Streams;
using SegOps.EmbeddedClickHouse.Engine;
using ZstdSharp;

namespace SegOps.EmbeddedClickHouse.Http;

/// <summary>Decodes Content-Encoding. The decoders accept concatenated frames where the format allows them, and reject truncated ones.</summary>
internal static class BodyDecoder
{
    /// <summary>Returns the decoded body.</summary>
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

    /// <summary>Whether an exception is caused by an invalid body, not by a fault of the server.</summary>
    public static bool IsBadBody(Exception exception) =>
        exception is BadHttpRequestException or InvalidDataException or EndOfStreamException or ZstdException or IOException or NotSupportedException;
}
