using System.Net;
using System.Net.Sockets;

namespace SegOps.Bench.Chaos;

/// <summary>One connection through a <see cref="FaultProxy"/>: what either side sends is passed on to the other, unless it is swallowed.</summary>
/// <param name="client">The side that connected.</param>
/// <param name="delay">How long each piece of at most 64 KB is held back, in both directions.</param>
internal sealed class ProxiedConnection(Socket client, Func<TimeSpan> delay) : IDisposable
{
    private const int PieceBytes = 64 * 1024;

    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private volatile bool _swallows;

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
            await back;
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Whatever broke, both sides are told below.
        }
        finally
        {
            Break(client);
            Break(_server);
        }
    }

    /// <summary>Ends both sides by RST.</summary>
    internal void Abort() => Dispose();

    /// <inheritdoc/>
    public void Dispose()
    {
        Break(client);
        Break(_server);
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
            if (from == client && _swallows)
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
            piece = piece[await to.SendAsync(piece, stopping)..];
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
