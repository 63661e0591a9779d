using System.Net;
using Microsoft.AspNetCore.Http;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Gateway;

/// <summary>Two instances of a service behind the gateway, one of which fails.</summary>
public sealed class FailoverTests(RedisFixture redis)
{
    private const int Requests = 20;

    [Fact]
    public async Task Post_OneInstanceRefusesConnections_IsAnsweredByTheOther()
    {
        await using var there = await UpstreamServer.StartAsync(EchoAsync);
        await using var gateway = await StartAsync(Nowhere.Http, there.Url);

        var answers = await Task.WhenAll(Enumerable.Range(0, Requests).Select(number => PostAsync(gateway, $"event {number}")));

        Assert.Equal(Enumerable.Range(0, Requests).Select(number => $"200 event {number}"), answers);
    }

    [Fact]
    public async Task Post_BothInstancesRefuseConnections_IsBadGateway()
    {
        await using var gateway = await StartAsync(Nowhere.Http, "http://127.0.0.1:2");

        Assert.StartsWith("502 ", await PostAsync(gateway, "event"), StringComparison.Ordinal);
    }

    /// <summary>Ingestion assigns ids to events that have none: a second copy would be another event.</summary>
    [Fact]
    public async Task Post_InstanceBreaksOffAfterItReceivedIt_IsNotSentToTheOther()
    {
        await using var dying = await UpstreamServer.StartAsync(BreakOffAsync);
        await using var there = await UpstreamServer.StartAsync(EchoAsync);
        await using var gateway = await StartAsync(dying.Url, there.Url);

        for (var sent = 1; dying.Requests.IsEmpty; sent++)
        {
            await PostAsync(gateway, "event");
            Assert.Equal(sent, dying.Requests.Count + there.Requests.Count);
        }
    }

    [Fact]
    public async Task Get_InstanceBreaksOff_IsAnsweredByTheOther()
    {
        await using var dying = await UpstreamServer.StartAsync(BreakOffAsync);
        await using var there = await UpstreamServer.StartAsync();
        await using var gateway = await StartAsync(dying.Url, there.Url);

        for (var sent = 0; dying.Requests.IsEmpty; sent++)
        {
            using var answer = await gateway.SendAsync(await KeyAsync(), "/api/monitoring/events");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Post_InstanceIsNotReady_GoesToTheOther()
    {
        await using var ill = await UpstreamServer.StartAsync(probe: NotReadyAsync);
        await using var there = await UpstreamServer.StartAsync(EchoAsync);
        await using var gateway = await StartAsync(ill.Url, there.Url);

        await Eventually.IsAsync(0, async () =>
        {
            var before = ill.Requests.Count;
            await Task.WhenAll(Enumerable.Range(0, Requests).Select(_ => PostAsync(gateway, "event")));
            return ill.Requests.Count - before;
        });
    }

    [Fact]
    public async Task Post_NoInstanceIsReady_IsForwardedNevertheless()
    {
        await using var ill = await UpstreamServer.StartAsync(EchoAsync, NotReadyAsync);
        await using var gateway = await StartAsync(ill.Url, Nowhere.Http);

        Assert.Equal("200 event", await PostAsync(gateway, "event"));
    }

    private async Task<GatewayUnderTest> StartAsync(string first, string second) => await GatewayUnderTest.StartAsync(
        await redis.ConnectionStringAsync(), first, null, $"--services:ingestion:http:1={second}", $"--services:monitoring:http:1={second}");

    private async Task<string> KeyAsync() => (await KeyIssuer.IssueAsync(await redis.ConnectionStringAsync(), plan: "enterprise")).Key;

    private async Task<string> PostAsync(GatewayUnderTest gateway, string body)
    {
        using var answer = await gateway.SendAsync(await KeyAsync(), method: HttpMethod.Post, change: request => request.Content = new StringContent(body));
        return $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}";
    }

    private static async Task EchoAsync(HttpContext context)
    {
        using var body = new StreamReader(context.Request.Body);
        await context.Response.WriteAsync(await body.ReadToEndAsync(context.RequestAborted));
    }

    private static async Task BreakOffAsync(HttpContext context)
    {
        using var body = new StreamReader(context.Request.Body);
        await body.ReadToEndAsync(context.RequestAborted);
        context.Abort();
    }

    private static Task NotReadyAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return Task.CompletedTask;
    }
}
