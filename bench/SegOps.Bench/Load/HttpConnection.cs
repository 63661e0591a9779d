using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SegOps.Bench.Load;

/// <summary>
/// A minimal HTTP/1.1 connection that supports Content-Length and chunked answers only. The load generator shares the machine with the system, so
/// it must use little processor time.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private static readonly byte[] HeadersEnd = "\r\n\r\n"u8.ToArray();
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[64 * 1024];

    private HttpConnection()
    {
    }

    /// <summary>Connects to <paramref name="server"/>.</summary>
    internal static async Task<HttpConnection> OpenAsync(Uri server, CancellationToken cancellationToken)
    {
        var connection = new HttpConnection();
        await connection._socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, server.Port), cancellationToken);
        return connection;
    }

    /// <summary>Encodes a request.</summary>
    internal static byte[] Request(Uri server, string path, string? key, byte[] body)
    {
        var authorization = key is null ? "" : $"Authorization: ApiKey {key}\r\n";
        var head = string.Create(CultureInfo.InvariantCulture,
            $"POST {path} HTTP/1.1\r\nHost: {server.Authority}\r\n{authorization}Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }

    /// <summary>Sends a request and reads its answer to the end.</summary>
    /// <returns>The HTTP status.</returns>
    /// <exception cref="IOException">The server closed the connection, or its answer is not supported.</exception>
    internal async Task<int> SendAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        while (request.Length > 0)
            request = request[await _socket.SendAsync(request, cancellationToken)..];

        int length = 0, end;
        while ((end = _buffer.AsSpan(0, length).IndexOf(HeadersEnd)) < 0)
            length += await ReceiveAsync(length, cancellationToken);
        var head = Encoding.ASCII.GetString(_buffer, 0, end);
        var body = length - end - HeadersEnd.Length;
        var status = Utf8Parser.TryParse(_buffer.AsSpan("HTTP/1.1 ".Length, 3), out int parsed, out _) ? parsed : throw new IOException("The answer has no status.");
        if (ContentLength(head) is { } expected)
            await SkipAsync(expected - body, cancellationToken);
        else
            await SkipChunksAsync(length, cancellationToken);
        return status;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static int? ContentLength(string head)
    {
        const string Name = "\r\nContent-Length: ";
        var at = head.IndexOf(Name, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return null;
        var value = head.AsSpan(at + Name.Length);
        var end = value.IndexOf('\r');
        return int.Parse(end < 0 ? value : value[..end], CultureInfo.InvariantCulture);
    }

    private async Task SkipAsync(int bytes, CancellationToken cancellationToken)
    {
        while (bytes > 0)
            bytes -= await ReceiveAsync(0, cancellationToken);
    }

    /// <summary>Reads up to the last chunk. The services' answers contain this end mark only there.</summary>
    private async Task SkipChunksAsync(int length, CancellationToken cancellationToken)
    {
        const int EndMark = 7;
        while (!_buffer.AsSpan(0, length).EndsWith("\r\n0\r\n\r\n"u8))
        {
            if (length == _buffer.Length)
            {
                _buffer.AsSpan(length - EndMark).CopyTo(_buffer);
                length = EndMark;
            }
            length += await ReceiveAsync(length, cancellationToken);
        }
    }

    private async Task<int> ReceiveAsync(int offset, CancellationToken cancellationToken)
    {
        var read = await _socket.ReceiveAsync(_buffer.AsMemory(offset), cancellationToken);
        return read > 0 ? read : throw new IOException("The server closed the connection.");
    }
}
