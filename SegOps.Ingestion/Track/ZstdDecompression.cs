using Microsoft.AspNetCore.RequestDecompression;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace SegOps.Ingestion.Track;

/// <summary>Content encoding <c>zstd</c>, which the framework lacks.</summary>
internal sealed class ZstdDecompression : IDecompressionProvider
{
    /// <summary>8 MB, in powers of two: what RFC 9659 lets an HTTP message ask for.</summary>
    private const int MaxWindowLog = 23;

    /// <inheritdoc/>
    public Stream GetDecompressionStream(Stream stream)
    {
        var decompressed = new DecompressionStream(stream, leaveOpen: true);
        decompressed.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, MaxWindowLog);
        return decompressed;
    }
}
