using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Http;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Gateway;

public sealed class ForwardingTests(RedisFixture redis)
{
    [Theory]
    [InlineData(Environments.Live, "starter")]
    [InlineData(Environments.Test, "business")]
    public async Task Request_Forwarded_CarriesWhatTheGatewayFoundOut(string environment, string plan)
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, project) = await KeyIssuer.IssueAsync(connection, environment, plan);
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(connection, upstream.Url);

        (await gateway.SendAsync(key)).Dispose();

        var headers = upstream.Requests.Single().Headers;
        Assert.Equal(GatewayUnderTest.Secret, headers[InternalHeaders.Secret]);
        Assert.Equal(project, headers[InternalHeaders.Project]);
        Assert.Equal(environment, headers[InternalHeaders.Environment]);
        Assert.Equal(plan, headers[InternalHeaders.Plan]);
    }

    [Theory]
    [InlineData("/api/ingestion/track/batch/", false)]
    [InlineData("/api/ingestion/eventsful", false)]
    [InlineData("/api/ingestion/events/0190163d-8694-739b-aea5-966c26f8ad91", true)]
    [InlineData("/api/ingestion/Events/0190163d-8694-739b-aea5-966c26f8ad91/", true)]
    [InlineData("/api/monitoring/events", true)]
    public async Task Request_ToAPath_GoesToTheServiceThatServesIt(string path, bool monitoring)
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var events = await UpstreamServer.StartAsync();
        await using var answers = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(connection, events.Url, null, $"--services:monitoring:http:0={answers.Url}");

        (await gateway.SendAsync(key, path)).Dispose();

        Assert.Equal(path, Assert.Single((monitoring ? answers : events).Requests).Target);
    }

    [Theory]
    [InlineData("/api/segments")]
    [InlineData("/api/segments/")]
    [InlineData("/API/Segments/0190163d-8694-739b-aea5-966c26f8ad91/users/user-123?as_of=2026-01-01")]
    public async Task Request_ForSegments_GoesToSegments(string path)
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var others = await UpstreamServer.StartAsync();
        await using var segments = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(connection, others.Url, null, $"--services:segments:http:0={segments.Url}");

        (await gateway.SendAsync(key, path)).Dispose();

        Assert.Equal(path, Assert.Single(segments.Requests).Target);
        Assert.Empty(others.Requests);
    }

    [Fact]
    public async Task Request_ForSegments_IsNotBoundByTheTimeoutOfOthers()
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var upstream = await UpstreamServer.StartAsync(static async context =>
        {
            await Task.Delay(TimeSpan.FromSeconds(3), context.RequestAborted);
            await context.Response.WriteAsync("late");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(
            connection, upstream.Url, null, "--Forwarding:ActivityTimeout=00:00:01", "--Forwarding:RequestTimeout=00:00:01");

        using var answer = await gateway.SendAsync(key, "/api/segments/0190163d-8694-739b-aea5-966c26f8ad91/changes?wait=30");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Request_Forwarded_DoesNotCarryTheKey()
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(connection, upstream.Url);

        (await gateway.SendAsync(key)).Dispose();

        Assert.DoesNotContain(upstream.Requests.Single().Headers, header => header.Value.Contains(key, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("X-SegOps-Project")]
    [InlineData("x-segops-project")]
    [InlineData("X-SEGOPS-ENVIRONMENT")]
    [InlineData("x-SegOps-Secret")]
    [InlineData("X-SegOps-Whatever-Comes-Later")]
    [InlineData("X-Forwarded-For")]
    [InlineData("x-forwarded-port")]
    [InlineData("Forwarded")]
    public async Task Request_HeaderThatOnlyTheGatewayMaySet_IsNotForwarded(string name)
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(connection, upstream.Url);

        (await gateway.SendAsync(key, change: request =>
        {
            request.Headers.TryAddWithoutValidation(name, "spoofed");
            request.Headers.TryAddWithoutValidation(name, "spoofed-again");
            request.Headers.Connection.Add(name);
        })).Dispose();

        Assert.DoesNotContain(upstream.Requests.Single().Headers, header => header.Value.Contains("spoofed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Request_Forwarded_SaysWhereItCameFrom()
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(connection, upstream.Url);

        (await gateway.SendAsync(key)).Dispose();

        var headers = upstream.Requests.Single().Headers;
        Assert.Equal("127.0.0.1", headers["X-Forwarded-For"]);
        Assert.Equal(gateway.Url.Authority, headers["X-Forwarded-Host"]);
        Assert.Equal("http", headers["X-Forwarded-Proto"]);
    }

    [Theory]
    [InlineData("/api/ingestion/track")]
    [InlineData("/api/ingestion/track/")]
    [InlineData("/api/ingestion/track/batch/")]
    [InlineData("/api/monitoring/events?user_id=a%26b&limit=1")]
    [InlineData("/api/monitoring/health")]
    public async Task Request_PathOfAService_IsForwardedUnchanged(string path)
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(connection, upstream.Url);

        using var answer = await gateway.SendAsync(key, path);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(path, upstream.Requests.Single().Target);
    }

    [Theory]
    [InlineData("/api")]
    [InlineData("/api/ingestor/anything")]
    [InlineData("/API-docs")]
    public async Task Request_UnknownPath_IsNotFound(string path)
    {
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, upstream.Url);

        using var answer = await gateway.SendAsync(ApiKey.Generate(Environments.Live), path);

        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound, answer);
        Assert.Empty(upstream.Requests);
    }

    [Fact]
    public async Task Request_WithTraceparent_ContinuesTheTraceToTheServiceAndNamesItInTheAnswer()
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(connection, upstream.Url);
        var trace = ActivityTraceId.CreateRandom().ToHexString();

        using var answer = await gateway.SendAsync(
            key, change: request => request.Headers.TryAddWithoutValidation("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01"));

        Assert.Equal(trace, answer.Headers.GetValues("X-Trace-Id").Single());
        Assert.StartsWith($"00-{trace}-", upstream.Requests.Single().Headers["traceparent"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_OfTheService_PassesUnchangedExceptForTheTrace()
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var upstream = await UpstreamServer.StartAsync(context =>
        {
            context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            context.Response.Headers["X-Trace-Id"] = "another";
            return context.Response.WriteAsync("its own words");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(connection, upstream.Url);

        using var answer = await gateway.SendAsync(key);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal("its own words", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Matches("^[0-9a-f]{32}$", answer.Headers.GetValues("X-Trace-Id").Single());
    }

    [Fact]
    public async Task Request_ServiceAway_IsBadGatewayWithRetryAfterAndSaysThatNothingWasTaken()
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var gateway = await GatewayUnderTest.StartAsync(connection, "http://127.0.0.1:1");

        using var answer = await gateway.SendAsync(key, method: HttpMethod.Post, change: request => request.Content = new StringContent("{}"));

        var problem = await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.BadGateway, ErrorCodes.UpstreamUnavailable, answer);
        Assert.Contains("nothing was accepted", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.NotNull(answer.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task Request_ServiceBreaksOffBeforeAnswering_IsBadGatewayAndSaysThatItMayHaveBeenTaken()
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var upstream = await UpstreamServer.StartAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        await using var gateway = await GatewayUnderTest.StartAsync(connection, upstream.Url);

        using var answer = await gateway.SendAsync(key, method: HttpMethod.Post, change: request => request.Content = new StringContent("{}"));

        var problem = await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.BadGateway, ErrorCodes.UpstreamUnavailable, answer);
        Assert.Contains("may have been accepted", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/ingestion/track", "--Forwarding:ActivityTimeout=00:00:01")]
    [InlineData("/api/monitoring/events", "--Forwarding:ActivityTimeout=00:00:01")]
    [InlineData("/api/monitoring/events", "--Forwarding:RequestTimeout=00:00:01")]
    public async Task Request_ServiceHangs_IsGatewayTimeout(string path, string limit)
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var upstream = await UpstreamServer.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var gateway = await GatewayUnderTest.StartAsync(connection, upstream.Url, settings: limit);

        using var answer = await gateway.SendAsync(key, path);

        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.GatewayTimeout, ErrorCodes.UpstreamUnavailable, answer);
    }

    [Fact]
    public async Task Request_ClientGoesAway_IsAbortedAtTheServiceToo()
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        var reached = new TaskCompletionSource();
        var aborted = new TaskCompletionSource();
        await using var upstream = await UpstreamServer.StartAsync(async context =>
        {
            context.RequestAborted.Register(aborted.SetResult);
            reached.SetResult();
            await aborted.Task;
        });
        await using var gateway = await GatewayUnderTest.StartAsync(connection, upstream.Url);
        using var client = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/api/ingestion/track", UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Authorization", "ApiKey " + key);

        var call = gateway.Client.SendAsync(request, client.Token);
        await reached.Task.WaitAsync(TestContext.Current.CancellationToken);
        await client.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await aborted.Task.WaitAsync(TestContext.Current.CancellationToken);
    }
}
