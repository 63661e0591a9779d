using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Gateway;

/// <summary>Server-sent events through the gateway: an answer that goes on for a minute and more.</summary>
public sealed class EventStreamTests(RedisFixture redis)
{
    private const string Live = "/api/monitoring/live";

    [Fact]
    public async Task Event_Sent_ArrivesBeforeTheNextIs()
    {
        var next = new SemaphoreSlim(0);
        await using var upstream = await UpstreamServer.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            for (var i = 1; i <= 3; i++)
            {
                await context.Response.WriteAsync($"data: {i}\n\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await next.WaitAsync(context.RequestAborted);
            }
        });
        await using var gateway = await StartAsync(upstream);
        using var answer = await OpenAsync(gateway.Gateway, gateway.Key);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));

        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        for (var i = 1; i <= 3; i++)
        {
            Assert.Equal($"data: {i}", await LineAsync(reader));
            Assert.Equal("", await LineAsync(reader));
            next.Release();
        }
        Assert.Null(await LineAsync(reader));
    }

    [Fact]
    public async Task Stream_ClientGoesAway_IsAbortedAtTheServiceToo()
    {
        var aborted = new TaskCompletionSource();
        await using var upstream = await UpstreamServer.StartAsync(Endless(aborted));
        await using var gateway = await StartAsync(upstream);
        using (var answer = await OpenAsync(gateway.Gateway, gateway.Key))
        using (var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)))
            Assert.Equal(": open", await LineAsync(reader));

        await aborted.Task.Patiently();
    }

    [Fact]
    public async Task Stream_GatewayStops_IsEndedInsteadOfWaitedFor()
    {
        var aborted = new TaskCompletionSource();
        await using var upstream = await UpstreamServer.StartAsync(Endless(aborted));
        await using var gateway = await StartAsync(upstream, "--shutdownTimeoutSeconds=3600");
        using var answer = await OpenAsync(gateway.Gateway, gateway.Key);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        Assert.Equal(": open", await LineAsync(reader));

        var stopping = gateway.Gateway.StopAsync();

        await aborted.Task.Patiently();
        await stopping.Patiently();
    }

    [Fact]
    public async Task Stream_WithHeartbeats_OutlivesTheTimeInWhichSomethingHasToMove()
    {
        var limit = TimeSpan.FromSeconds(4);
        var beat = TimeSpan.FromMilliseconds(250);
        await using var upstream = await UpstreamServer.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            for (var silence = TimeSpan.Zero; silence < limit * 1.5; silence += beat)
            {
                await context.Response.WriteAsync(": still here\n\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(beat, context.RequestAborted);
            }
            await context.Response.WriteAsync("data: last\n\n", context.RequestAborted);
        });
        await using var gateway = await StartAsync(upstream, $"--Forwarding:ActivityTimeout={limit}");

        using var answer = await OpenAsync(gateway.Gateway, gateway.Key);

        Assert.EndsWith("data: last\n\n", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken).Patiently(), StringComparison.Ordinal);
    }

    private static RequestDelegate Endless(TaskCompletionSource aborted) => async context =>
    {
        context.RequestAborted.Register(aborted.SetResult);
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync(": open\n\n");
        await context.Response.Body.FlushAsync();
        await aborted.Task;
    };

    private async Task<Opened> StartAsync(UpstreamServer upstream, params string[] settings)
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        return new Opened(await GatewayUnderTest.StartAsync(connection, upstream.Url, null, settings), key);
    }

    private static Task<HttpResponseMessage> OpenAsync(GatewayUnderTest gateway, string key)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Live, UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("ApiKey", key);
        return gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    private static Task<string?> LineAsync(StreamReader reader) => reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().Patiently();

    private sealed record Opened(GatewayUnderTest Gateway, string Key) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Gateway.DisposeAsync();
    }
}
