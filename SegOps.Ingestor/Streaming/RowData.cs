using System.Buffers;
using System.Runtime.InteropServices;
using ZstdSharp;

namespace SegOps.Ingestor.Streaming;

/// <summary>The rows of a message: zstd-compressed JSON objects, one per line. The last line feed can be missing.</summary>
internal static class RowData
{
    /// <summary>Maximum uncompressed bytes of a message. A request's body has at most 10 MB; escaping can double it.</summary>
    public const int MaxBytes = 64 * 1024 * 1024;

    private const int ChunkBytes = 64 * 1024;
    private const byte LineFeed = (byte)'\n';

    /// <summary>Decompresses the rows to count them.</summary>
    /// <returns>The number of rows and their bytes.</returns>
    /// <exception cref="InvalidDataException">The data is not complete zstd, or exceeds <see cref="MaxBytes"/>.</exception>
    public static (int Rows, long Bytes) Measure(ReadOnlyMemory<byte> compressed)
    {
        var chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            int rows = 0, read;
            long bytes = 0;
            var last = LineFeed;
            using var unpacked = Unpack(compressed);
            while ((read = Read(unpacked, chunk)) > 0)
            {
                rows += chunk.AsSpan(0, read).Count(LineFeed);
                last = chunk[read - 1];
                if ((bytes += read) > MaxBytes)
                    throw new InvalidDataException($"The rows exceed {MaxBytes} bytes after decompression.");
            }

            return (last == LineFeed ? rows : rows + 1, bytes);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    /// <summary>Enumerates the rows of data that <see cref="Measure"/> has accepted.</summary>
    public static List<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> compressed)
    {
        using var whole = new MemoryStream();
        using (var unpacked = Unpack(compressed))
            unpacked.CopyTo(whole);

        var rest = new ReadOnlyMemory<byte>(whole.GetBuffer(), 0, (int)whole.Length);
        var rows = new List<ReadOnlyMemory<byte>>();
        while (rest.Length > 0)
        {
            var lineFeed = rest.Span.IndexOf(LineFeed);
            var length = lineFeed < 0 ? rest.Length : lineFeed + 1;
            rows.Add(rest[..length]);
            rest = rest[length..];
        }

        return rows;
    }

    private static DecompressionStream Unpack(ReadOnlyMemory<byte> compressed)
    {
        var bytes = MemoryMarshal.TryGetArray(compressed, out var array) ? array : new ArraySegment<byte>(compressed.ToArray());
        var packed = new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false);
        return new DecompressionStream(packed, ChunkBytes, checkEndOfStream: true, leaveOpen: false);
    }

    private static int Read(DecompressionStream stream, byte[] chunk)
    {
        try
        {
            return stream.Read(chunk, 0, chunk.Length);
        }
        catch (Exception exception) when (exception is ZstdException or EndOfStreamException)
        {
            throw new InvalidDataException("The data is not complete zstd.", exception);
        }
    }
}
