using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace SegOps.Bench.Chaos;

/// <summary>
/// A TCP proxy on a free port of 127.0.0.1 that injects faults: latency, resets, refused connections, and half-open connections.
/// Connections beyond <see cref="MaxConnections"/> are reset.
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

    /// <param name="upstreamPort">Port on 127.0.0.1 to which connections are forwarded.</param>
    internal FaultProxy(int upstreamPort)
    {
        _upstreamPort = upstreamPort;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>The port on which the proxy listens.</summary>
    internal int Port { get; }

    /// <summary>Number of open connections.</summary>
    internal int Connections => _open.Count;

    /// <summary>Delays each chunk in both directions until <see cref="Lift"/>.</summary>
    internal void Slow(TimeSpan delay) => Volatile.Write(ref _delayTicks, delay.Ticks);

    /// <summary>Resets every open connection.</summary>
    internal void Reset()
    {
        foreach (var connection in _open.Keys)
            connection.Abort();
    }

    /// <summary>Resets every open connection, and new ones until <see cref="Lift"/>.</summary>
    internal void Cut()
    {
        _isCut = true;
        Reset();
    }

    /// <summary>
    /// Makes every open connection half-open, and new ones until <see cref="Lift"/>. Bytes of both sides are discarded until the client closes
    /// the connection.
    /// </summary>
    internal void Swallow()
    {
        _swallows = true;
        foreach (var connection in _open.Keys)
            connection.Swallow();
    }

    /// <summary>Ends all faults. Half-open connections stay half-open.</summary>
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
                // The client disconnected before it was accepted, or the proxy stops.
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

        // The connection is registered before it runs, so that its end can remove it. A fault may have begun in between.
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
