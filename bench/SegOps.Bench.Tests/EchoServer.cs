using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SegOps.Bench.Tests;

/// <summary>Sends back what it gets, and remembers it.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly StringBuilder _received = new();
    private readonly Task _accepting;

    public EchoServer()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Received
    {
        get
        {
            lock (_received)
                return _received.ToString();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stopping.Dispose();
    }

    /// <summary>Ends every connection.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                connections.Add(EchoAsync(await _listener.AcceptSocketAsync(_stopping.Token)));
            }
            catch (Exception failure) when (failure is SocketException or OperationCanceledException)
            {
                await Task.WhenAll(connections);
            }
        }
    }

    private async Task EchoAsync(Socket socket)
    {
        using (socket)
        {
            var buffer = new byte[1024];
            try
            {
                while (await socket.ReceiveAsync(buffer, _stopping.Token) is > 0 and var count)
                {
                    lock (_received)
                        _received.Append(Encoding.ASCII.GetString(buffer, 0, count));
                    await socket.SendAsync(buffer.AsMemory(0, count), _stopping.Token);
                }
            }
            catch (Exception failure) when (failure is SocketException or OperationCanceledException)
            {
                // The other side broke it off, or the test is over.
            }
        }
    }
}
