using System.Net;
using System.Net.Sockets;

namespace SegOps.Bench.Chaos;

/// <summary>One connection through a <see cref="FaultProxy"/>. It forwards bytes in both directions or discards them.</summary>
/// <param name="client">The socket of the client.</param>
/// <param name="delay">Delay of each chunk of at most 64 KB, in both directions.</param>
internal sealed class ProxiedConnection(Socket client, Func<TimeSpan> delay) : IDisposable
{
    private const int PieceBytes = 64 * 1024;

    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private volatile bool _swallows;

    /// <summary>Discards the bytes of both sides from now on. This is permanent, because a stream with a gap cannot be continued.</summary>
    internal void Swallow() => _swallows = true;

    /// <summary>Connects to <paramref name="port"/> on 127.0.0.1 and forwards bytes until both sides have closed.</summary>
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
            // Both sides are reset below.
        }
        finally
        {
            Break(client);
            Break(_server);
        }
    }

    /// <summary>Resets both sides.</summary>
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
            // The client of a half-open connection must not see that the server closed it. In all other cases both sides are reset.
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
            // Already closed.
        }
    }
}
