using System.Net;
using System.Security.Cryptography;

namespace SegOps.Warehouse;

/// <summary>The rows of an insert as pieces, which are sent without a copy. A piece contains JSON lines, or a zstd frame of them.</summary>
/// <param name="pieces">Sent in order; concatenated zstd frames are one zstd stream (RFC 8878).</param>
/// <param name="encoding">Value of Content-Encoding; null for plain rows.</param>
public sealed class InsertBody(IReadOnlyList<ReadOnlyMemory<byte>> pieces, string? encoding)
{
    /// <summary>
    /// Identifies a repeated insert to ClickHouse. It is a hash of the rows, which contain unique ids. Message ids would not
    /// suffice: the emulator restarts them at 1, and ClickHouse would drop new rows as repeated ones.
    /// </summary>
    public string DeduplicationToken()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var piece in pieces)
            hash.AppendData(piece.Span);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Creates a new body for each attempt.</summary>
    public HttpContent ToContent()
    {
        var content = new PiecesContent(pieces);
        if (encoding is not null)
            content.Headers.ContentEncoding.Add(encoding);
        return content;
    }

    private sealed class PiecesContent(IReadOnlyList<ReadOnlyMemory<byte>> pieces) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            foreach (var piece in pieces)
                await stream.WriteAsync(piece, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = pieces.Sum(piece => (long)piece.Length);
            return true;
        }
    }
}
