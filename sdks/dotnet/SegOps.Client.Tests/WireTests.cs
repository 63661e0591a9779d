using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace SegOps.Client.Tests;

/// <summary>The client's own HTTP client, over a socket.</summary>
public class WireTests
{
    [Fact]
    public async Task Send_Batch_IsCompressedJsonWithTheKey()
    {
        await using var server = await LoopbackServer.StartAsync(context => LoopbackServer.AcceptAsync(context, 50));
        await using var client = New(server.Url);

        var ids = Enumerable.Range(0, 50).Select(n => client.Track("user-1", "order_placed", new { n })).ToArray();
        var result = await client.FlushAsync();
        var (path, headers, body) = await server.NextAsync();

        Assert.Equal(50, result.Accepted);
        Assert.Equal("/api/ingestion/track/batch/", path);
        Assert.Equal("ApiKey sk_test_key", headers.Authorization.ToString());
        Assert.Equal("application/json", headers.ContentType.ToString());
        Assert.Equal("gzip", headers.ContentEncoding.ToString());
        Assert.StartsWith("segops-dotnet/0.1.0 (", headers.UserAgent.ToString(), StringComparison.Ordinal);
        Assert.Equal(ids.Select(id => id.ToString()), JsonNode.Parse(body)!["events"]!.AsArray().Select(item => (string)item!["event_id"]!));
    }

    [Fact]
    public async Task Send_Redirect_IsNotFollowed()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = 308;
            context.Response.Headers.Location = "/elsewhere";
            return Task.CompletedTask;
        });
        var reported = new TaskCompletionSource<ClientError>();
        await using var client = New(server.Url, o => { o.FlushAt = 1; o.OnError = reported.SetResult; o.ShutdownTimeout = TimeSpan.FromSeconds(1); });

        client.Track("user-1", "order_placed");

        Assert.Equal(308, (await reported.Task.WaitAsync(Guard.Token)).Status);
        Assert.Equal("/api/ingestion/track/batch/", (await server.NextAsync()).Path);
    }

    [Fact]
    public async Task Send_ConnectionRefused_IsSentWhenTheServerIsThere()
    {
        // A port that is bound but not listened on refuses connections, and no other process can take it.
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var url = new Uri($"http://127.0.0.1:{((IPEndPoint)socket.LocalEndPoint!).Port}");
        await using var client = New(url, o => o.BackoffMax = TimeSpan.FromMilliseconds(20));

        client.Track("user-1", "order_placed");
        var flush = client.FlushAsync(TimeSpan.FromMinutes(1));
        socket.Listen();
        using var connection = await socket.AcceptAsync(Guard.Token);
        await using var stream = new NetworkStream(connection);
        await stream.ReadExactlyAsync(new byte[1], Guard.Token);
        await stream.WriteAsync("HTTP/1.1 202 Accepted\r\nContent-Length: 27\r\n\r\n{\"accepted\":1,\"rejected\":0}"u8.ToArray(), Guard.Token);

        Assert.Equal(1, (await flush).Accepted);
    }

    [Fact]
    public async Task Track_ManyThreadsWhileTheServerFails_CountsEveryEventOnce()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        await using var client = New(server.Url, o => { o.BackoffMax = TimeSpan.FromMilliseconds(1); o.MaxQueueEvents = 500; o.ShutdownTimeout = TimeSpan.FromMilliseconds(50); });

        var tracking = Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var n = 0; n < 1000; n++)
            {
                client.Track("user-1", "order_placed", new { n });
                var stats = client.GetStats();
                Assert.Equal(stats.Tracked, stats.Accepted + stats.Rejected + stats.Dropped + stats.Queued + stats.InFlight);
            }
        }));
        await Task.WhenAll(tracking);
        await client.ShutdownAsync();

        var end = client.GetStats();
        Assert.Equal((8000, 8000), (end.Tracked, end.Dropped));
        Assert.Equal(0, end.Queued + end.InFlight);
    }

    private static SegOpsClient New(Uri url, Action<SegOpsOptions>? configure = null)
    {
        var options = new SegOpsOptions { ApiUrl = url, ApiKey = "sk_test_key" };
        configure?.Invoke(options);
        return new SegOpsClient(options);
    }
}
