using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace SegOps.Bench.Chaos;

/// <summary>
/// A TCP proxy on a free port of 127.0.0.1 in front of another port of it, which can be slow, break connections, refuse them, or keep them open
/// and let nothing through. At most <see cref="MaxConnections"/> connections at a time; further ones are reset.
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    internal const int MaxConnections = 512;

    private readonly int _upstreamPort;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<ProxiedConnection, Task> _open = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;
    private long _delayTicks;
    private volatile bool _isCut;
    private volatile bool _swallows;

    /// <param name="upstreamPort">Where connections are passed on to.</param>
    internal FaultProxy(int upstreamPort)
    {
        _upstreamPort = upstreamPort;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>Where to connect to.</summary>
    internal int Port { get; }

    /// <summary>Open connections.</summary>
    internal int Connections => _open.Count;

    /// <summary>Holds back each piece of what passes, in both directions, until <see cref="Lift"/>.</summary>
    internal void Slow(TimeSpan delay) => Volatile.Write(ref _delayTicks, delay.Ticks);

    /// <summary>Ends every open connection by RST.</summary>
    internal void Reset()
    {
        foreach (var connection in _open.Keys)
            connection.Abort();
    }

    /// <summary>Ends every open connection by RST, and new ones as soon as they are made, until <see cref="Lift"/>.</summary>
    internal void Cut()
    {
        _isCut = true;
        Reset();
    }

    /// <summary>
    /// Half-opens every open connection and those that are made until <see cref="Lift"/>: they stay open, and what either side sends vanishes,
    /// until the client gives up.
    /// </summary>
    internal void Swallow()
    {
        _swallows = true;
        foreach (var connection in _open.Keys)
            connection.Swallow();
    }

    /// <summary>New connections are as good as without a proxy, and those open that are not half-open.</summary>
    internal void Lift()
    {
        Slow(TimeSpan.Zero);
        _isCut = false;
        _swallows = false;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        Reset();
        await Task.WhenAll(_open.Values);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Begin(await _listener.AcceptSocketAsync(_stopping.Token));
            }
            catch (Exception failure) when (failure is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // A client that had gone before it was accepted, or the end.
            }
        }
    }

    private void Begin(Socket client)
    {
        client.NoDelay = true;
        var connection = new ProxiedConnection(client, () => TimeSpan.FromTicks(Volatile.Read(ref _delayTicks)));
        if (_isCut || _open.Count >= MaxConnections)
        {
            connection.Dispose();
            return;
        }

        // Listed before it runs, so that its end finds it. A fault that began in between is caught up with.
        var listed = new TaskCompletionSource();
        _open[connection] = RunAsync(connection, listed.Task);
        listed.SetResult();
        if (_swallows)
            connection.Swallow();
        if (_isCut)
            connection.Abort();
    }

    private async Task RunAsync(ProxiedConnection connection, Task listed)
    {
        await listed;
        if (_swallows)
            connection.Swallow();
        await connection.RunAsync(_upstreamPort, _stopping.Token);
        _open.TryRemove(connection, out _);
    }
}
