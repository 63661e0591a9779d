using System.Net;
using System.Net.Sockets;

namespace SegOps.Bench.Chaos;

/// <summary>One connection through a <see cref="FaultProxy"/>: what either side sends is passed on to the other, unless it is swallowed.</summary>
/// <param name="client">The side that connected.</param>
/// <param name="delay">How long each piece of at most 64 KB is held back, in both directions.</param>
/// <param name="streams">Of HTTP/2, half-closed towards the server when the client ends; null to end the connection as the client does.</param>
internal sealed class ProxiedConnection(Socket client, Func<TimeSpan> delay, Http2Streams? streams) : IDisposable
{
    private const int PieceBytes = 64 * 1024;

    /// <summary>For the server to end the streams that were half-closed.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(5);

    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private volatile bool _swallows;

    /// <summary>Whether bytes of both sides vanish.</summary>
    internal bool Swallows => _swallows;

    /// <summary>From now on bytes of both sides vanish, for good: a stream that lacks some could not be continued.</summary>
    internal void Swallow() => _swallows = true;

    /// <summary>Connects to <paramref name="port"/> of this machine and passes bytes on until both sides have ended.</summary>
    internal async Task RunAsync(int port, CancellationToken stopping)
    {
        try
        {
            await _server.ConnectAsync(IPAddress.Loopback, port, stopping);
            var back = PassOnAsync(_server, client, stopping);
            await PassOnAsync(client, _server, stopping);
            if (streams is not null)
                await EndStreamsAsync(streams, back, stopping);
            await back;
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException or OperationCanceledException or TimeoutException)
        {
            // Whatever broke, both sides are told below.
        }
        finally
        {
            Break(client);
            Break(_server);
        }
    }

    /// <summary>Ends both sides by RST, or the server's by half-closing its streams first.</summary>
    internal void Abort()
    {
        Break(client);
        if (streams is null)
            Break(_server);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Break(client);
        Break(_server);
    }

    private async Task EndStreamsAsync(Http2Streams open, Task back, CancellationToken stopping)
    {
        _swallows = true; // what still comes finds no client
        await _server.SendAsync(open.Endings(), stopping);
        await back.WaitAsync(Linger, stopping);
    }

    private async Task PassOnAsync(Socket from, Socket to, CancellationToken stopping)
    {
        var buffer = new byte[PieceBytes];
        try
        {
            while (await from.ReceiveAsync(buffer, stopping) is > 0 and var count)
            {
                if (delay() is { Ticks: > 0 } held)
                    await Task.Delay(held, stopping);
                await SendAsync(to, buffer.AsMemory(0, count), stopping);
            }
            if (from == client && (_swallows || streams is not null))
                Abort();
            else if (!_swallows)
                to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // A client of a half-open connection does not get to know what became of the other side; all others do at once.
            if (!_swallows || from == client)
                Abort();
        }
    }

    private async Task SendAsync(Socket to, Memory<byte> piece, CancellationToken stopping)
    {
        while (!piece.IsEmpty && !_swallows)
        {
            var sent = await to.SendAsync(piece, stopping);
            if (to == _server)
                streams?.Follow(piece.Span[..sent]);
            piece = piece[sent..];
        }
    }

    private static void Break(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
            socket.Close();
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // It is closed already.
        }
    }
}
