using System.Buffers.Binary;

namespace SegOps.Bench.Chaos;

/// <summary>
/// Follows what an HTTP/2 client sends, so that the streams it left open can be half-closed in its place. Google's emulator (0.8.20) does not
/// learn of a lost connection: a NoSuchMethodError within it ends that news, and it goes on delivering into the dead streams and spins on them.
/// The real service does learn of it.
/// </summary>
internal sealed class Http2Streams
{
    private const int PrefaceBytes = 24, HeaderBytes = 9;
    private const byte Data = 0, Headers = 1, Reset = 3, EndStream = 1;

    private readonly byte[] _header = new byte[HeaderBytes];
    private readonly HashSet<int> _open = [];
    private int _headerBytes;
    private int _bytesToSkip = PrefaceBytes;

    /// <summary>Takes what was passed on to the server.</summary>
    internal void Follow(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_bytesToSkip > 0)
            {
                var skipped = Math.Min(_bytesToSkip, bytes.Length);
                _bytesToSkip -= skipped;
                bytes = bytes[skipped..];
                continue;
            }

            var taken = Math.Min(HeaderBytes - _headerBytes, bytes.Length);
            bytes[..taken].CopyTo(_header.AsSpan(_headerBytes));
            _headerBytes += taken;
            bytes = bytes[taken..];
            if (_headerBytes == HeaderBytes)
                Begin();
        }
    }

    /// <summary>The frames that half-close what is open; empty when the client broke off within a frame, for then none can follow.</summary>
    internal byte[] Endings()
    {
        if (_bytesToSkip > 0 || _headerBytes > 0)
            return [];
        var frames = new byte[_open.Count * HeaderBytes];
        foreach (var (index, stream) in _open.Index())
        {
            var frame = frames.AsSpan(index * HeaderBytes, HeaderBytes);
            frame[3] = Data;
            frame[4] = EndStream;
            BinaryPrimitives.WriteInt32BigEndian(frame[5..], stream);
        }
        return frames;
    }

    /// <summary>A frame's header is complete: its length, type, flags and stream.</summary>
    private void Begin()
    {
        var (type, flags) = (_header[3], _header[4]);
        var stream = BinaryPrimitives.ReadInt32BigEndian(_header.AsSpan(5)) & int.MaxValue;
        _headerBytes = 0;
        _bytesToSkip = (_header[0] << 16) | (_header[1] << 8) | _header[2];
        if (type == Headers)
            _open.Add(stream);
        if (type == Reset || (type is Headers or Data && (flags & EndStream) != 0))
            _open.Remove(stream);
    }
}
