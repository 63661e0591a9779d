using System.Security.Cryptography;

namespace SegOps.Ingestion.Parsing;

/// <summary>
/// Makes version 7 UUIDs (RFC 9562) as <see cref="Guid.CreateVersion7(DateTimeOffset)"/> does, but reads random bytes once for
/// 256 ids. A system call per event would be the most expensive part of parsing it.
/// </summary>
internal static class EventIdSource
{
    private const int GuidBytes = 16;
    private const int TimeBytes = 6;
    private const int RandomBytes = GuidBytes - TimeBytes;

    [ThreadStatic]
    private static byte[]? _random;

    [ThreadStatic]
    private static int _left;

    /// <summary>A new id that sorts by <paramref name="time"/>, to the millisecond.</summary>
    public static Guid Create(DateTimeOffset time)
    {
        Span<byte> id = stackalloc byte[GuidBytes];
        var milliseconds = time.ToUnixTimeMilliseconds();
        for (var i = 0; i < TimeBytes; i++)
            id[i] = (byte)(milliseconds >> (8 * (TimeBytes - 1 - i)));

        Random().CopyTo(id[TimeBytes..]);
        id[6] = (byte)((id[6] & 0x0F) | 0x70);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new Guid(id, bigEndian: true);
    }

    private static ReadOnlySpan<byte> Random()
    {
        _random ??= new byte[256 * RandomBytes];
        if (_left == 0)
        {
            RandomNumberGenerator.Fill(_random);
            _left = _random.Length;
        }

        _left -= RandomBytes;
        return _random.AsSpan(_left, RandomBytes);
    }
}
