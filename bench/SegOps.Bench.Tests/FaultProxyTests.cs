using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SegOps.Bench.Chaos;
using SegOps.Tests.Fixtures;

namespace SegOps.Bench.Tests;

public sealed class FaultProxyTests : IAsyncLifetime
{
    private readonly EchoServer _server = new();
    private readonly FaultProxy _proxy;

    public FaultProxyTests() => _proxy = new FaultProxy(_server.Port);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Connection_NoFault_PassesBytesBothWays()
    {
        using var client = await ConnectAsync();

        Assert.Equal("hello", await EchoAsync(client, "hello"));
    }

    [Fact]
    public async Task Connection_ClientEnds_IsForgotten()
    {
        using (var client = await ConnectAsync())
            await EchoAsync(client, "hello");

        await Eventually.TrueAsync(() => _proxy.Connections == 0, () => "the connection is still open");
    }

    [Fact]
    public async Task Slow_PieceGoesAndComes_TakesTwiceTheDelay()
    {
        var delay = TimeSpan.FromMilliseconds(100);
        using var client = await ConnectAsync();
        _proxy.Slow(delay);
        var began = Stopwatch.GetTimestamp();

        await EchoAsync(client, "hello");

        Assert.True(Stopwatch.GetElapsedTime(began) >= 1.9 * delay, "it came sooner");
    }

    [Fact]
    public async Task Reset_OpenConnection_EndsByReset()
    {
        using var client = await ConnectAsync();
        await EchoAsync(client, "hello");

        _proxy.Reset();

        Assert.Equal(SocketError.ConnectionReset, await EndOfAsync(client));
    }

    [Fact]
    public async Task Reset_NewConnection_Works()
    {
        _proxy.Reset();

        using var client = await ConnectAsync();

        Assert.Equal("hello", await EchoAsync(client, "hello"));
    }

    [Fact]
    public async Task Cut_OpenConnection_EndsByReset()
    {
        using var client = await ConnectAsync();
        await EchoAsync(client, "hello");

        _proxy.Cut();

        Assert.Equal(SocketError.ConnectionReset, await EndOfAsync(client));
    }

    [Fact]
    public async Task Cut_NewConnection_EndsByReset()
    {
        _proxy.Cut();

        Assert.Equal(SocketError.ConnectionReset, await EndOfNewAsync());
    }

    [Fact]
    public async Task Lift_AfterACut_NewConnectionsWork()
    {
        _proxy.Cut();
        _proxy.Lift();

        using var client = await ConnectAsync();

        Assert.Equal("hello", await EchoAsync(client, "hello"));
    }

    [Fact]
    public async Task Swallow_OpenConnection_TheServerGetsNothingMore()
    {
        using (var client = await ConnectAsync())
        {
            await EchoAsync(client, "before");
            _proxy.Swallow();
            await SendAsync(client, "after");
            client.Shutdown(SocketShutdown.Send); // once the proxy has seen this, it has seen what came before
            await Eventually.TrueAsync(() => _proxy.Connections == 0, () => "the connection is still open");
        }

        Assert.Equal("before", _server.Received);
    }

    [Fact]
    public async Task Swallow_NewConnection_IsOpenAndTheServerGetsNothing()
    {
        _proxy.Swallow();
        using (var client = await ConnectAsync())
        {
            await SendAsync(client, "lost");
            client.Shutdown(SocketShutdown.Send);
            await Eventually.TrueAsync(() => _proxy.Connections == 0, () => "the connection is still open");
        }

        Assert.Equal("", _server.Received);
    }

    [Fact]
    public async Task Swallow_ServerGoesAway_TheClientDoesNotLearnOfIt()
    {
        using var client = await ConnectAsync();
        await EchoAsync(client, "before");
        _proxy.Swallow();

        await _server.StopAsync();

        Assert.False(client.Poll(TimeSpan.FromMilliseconds(100), SelectMode.SelectRead), "there is something to read, or an end");
    }

    [Fact]
    public async Task Lift_AfterSwallowing_OnlyNewConnectionsWork()
    {
        using var old = await ConnectAsync();
        await EchoAsync(old, "before;");
        _proxy.Swallow();
        _proxy.Lift();
        await SendAsync(old, "lost;");

        using var client = await ConnectAsync();
        await EchoAsync(client, "new;");
        old.Shutdown(SocketShutdown.Send);
        await Eventually.TrueAsync(() => _proxy.Connections == 1, () => "the old connection is still open");

        Assert.Equal("before;new;", _server.Received);
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, _proxy.Port, TestContext.Current.CancellationToken);
        return socket;
    }

    private async Task<SocketError> EndOfNewAsync()
    {
        try
        {
            using var client = await ConnectAsync();
            return await EndOfAsync(client);
        }
        catch (SocketException failure)
        {
            return failure.SocketErrorCode; // it came before connecting had been reported
        }
    }

    private static async Task SendAsync(Socket socket, string text) =>
        await socket.SendAsync(Encoding.ASCII.GetBytes(text), TestContext.Current.CancellationToken);

    private static async Task<string> EchoAsync(Socket socket, string text)
    {
        await SendAsync(socket, text);
        var buffer = new byte[text.Length];
        for (var received = 0; received < buffer.Length;)
        {
            var count = await socket.ReceiveAsync(buffer.AsMemory(received), TestContext.Current.CancellationToken);
            Assert.NotEqual(0, count);
            received += count;
        }
        return Encoding.ASCII.GetString(buffer);
    }

    /// <summary>Waits for the connection's end; Success when it ended in good order.</summary>
    private static async Task<SocketError> EndOfAsync(Socket socket)
    {
        try
        {
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1], TestContext.Current.CancellationToken));
            return SocketError.Success;
        }
        catch (SocketException failure)
        {
            return failure.SocketErrorCode;
        }
    }
}
