using System.Text;
using SegOps.Bench.Chaos;

namespace SegOps.Tests.Unit.Bench;

public sealed class Http2StreamsTests
{
    private const byte Data = 0, Headers = 1, Reset = 3, EndStream = 1;
    private static readonly byte[] Preface = Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

    private readonly Http2Streams _streams = new();

    [Fact]
    public void Endings_StreamIsOpen_HalfClosesIt()
    {
        _streams.Follow([.. Preface, .. Frame(Headers, flags: 0, stream: 5, bytes: 7), .. Frame(Data, flags: 0, stream: 5, bytes: 3)]);

        Assert.Equal(Frame(Data, EndStream, stream: 5, bytes: 0), _streams.Endings());
    }

    [Theory]
    [InlineData(Data, EndStream)]
    [InlineData(Reset, 0)]
    public void Endings_ClientEndedTheStream_AreNone(byte type, byte flags)
    {
        _streams.Follow([.. Preface, .. Frame(Headers, flags: 0, stream: 5, bytes: 7), .. Frame(type, flags, stream: 5, bytes: 4)]);

        Assert.Empty(_streams.Endings());
    }

    [Fact]
    public void Endings_BytesCameOneByOne_AreTheSame()
    {
        foreach (var one in (byte[])[.. Preface, .. Frame(Headers, flags: 0, stream: 5, bytes: 300)])
            _streams.Follow([one]);

        Assert.Equal(Frame(Data, EndStream, stream: 5, bytes: 0), _streams.Endings());
    }

    [Fact]
    public void Endings_ClientBrokeOffWithinAFrame_AreNone()
    {
        _streams.Follow([.. Preface, .. Frame(Headers, flags: 0, stream: 5, bytes: 7), .. Frame(Data, flags: 0, stream: 5, bytes: 3)[..^1]]);

        Assert.Empty(_streams.Endings());
    }

    private static byte[] Frame(byte type, byte flags, byte stream, int bytes) =>
        [0, (byte)(bytes >> 8), (byte)bytes, type, flags, 0, 0, 0, stream, .. new byte[bytes]];
}
