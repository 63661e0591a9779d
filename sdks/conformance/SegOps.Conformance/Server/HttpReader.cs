using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace SegOps.Conformance.Server;

/// <summary>The head of a request.</summary>
internal sealed record RequestHead(string Method, string Target, IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    /// <summary>The value of the header; null if it is absent or occurs twice.</summary>
    public string? this[string name] =>
        Headers.Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value).ToArray() is [var one] ? one : null;
}

/// <summary>Reads HTTP/1.1 requests from a socket.</summary>
internal sealed class HttpReader(Socket socket)
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    /// <summary>The next head; null when the client closed the connection.</summary>
    public async Task<RequestHead?> HeadAsync(CancellationToken cancellationToken)
    {
        if (await LineAsync(cancellationToken) is not { Length: > 0 } first)
            return null;
        if (first.Split(' ') is not [var method, var target, "HTTP/1.1"])
            throw new InvalidDataException($"'{first}' is not the first line of a request.");
        var headers = new List<KeyValuePair<string, string>>();
        while (await LineAsync(cancellationToken) is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            headers.Add(new(line[..colon], line[(colon + 1)..].Trim()));
        }

        return new(method, target, headers);
    }

    /// <summary>The body of a request, at most its first <paramref name="limit"/> bytes.</summary>
    public async Task<byte[]> BodyAsync(RequestHead head, int limit, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        if (head["Expect"] is not null)
            await socket.SendAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), cancellationToken);
        if (head["Transfer-Encoding"] is not null)
        {
            while (Size(await LineAsync(cancellationToken)) is var size and > 0 && body.Length < limit)
            {
                await CopyAsync(body, size, limit, cancellationToken);
                await LineAsync(cancellationToken);
            }

            if (body.Length < limit)
                await LineAsync(cancellationToken);
        }
        else
        {
            await CopyAsync(body, int.Parse(head["Content-Length"] ?? "0", CultureInfo.InvariantCulture), limit, cancellationToken);
        }

        return body.ToArray();
    }

    private static int Size(string? line) => int.Parse(line ?? throw new EndOfStreamException(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private async Task CopyAsync(MemoryStream body, int count, int limit, CancellationToken cancellationToken)
    {
        for (int taken; count > 0 && body.Length < limit; count -= taken)
        {
            if (_start == _end && !await FillAsync(cancellationToken))
                throw new EndOfStreamException();
            taken = Math.Min(Math.Min(count, _end - _start), limit - (int)body.Length);
            body.Write(_buffer, _start, taken);
            _start += taken;
        }
    }

    private async Task<string?> LineAsync(CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        for (; ; )
        {
            if (_start == _end && !await FillAsync(cancellationToken))
                return null;
            var next = (char)_buffer[_start++];
            if (next == '\n')
                return line.ToString();
            if (next != '\r')
                line.Append(next);
        }
    }

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        (_start, _end) = (0, await socket.ReceiveAsync(_buffer, cancellationToken));
        return _end > 0;
    }
}
