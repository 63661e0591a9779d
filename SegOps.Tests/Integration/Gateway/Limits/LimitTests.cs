using System.Net;
using Microsoft.AspNetCore.Http;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Gateway.Limits;

public sealed class LimitTests(RedisFixture redis)
{
    private const string MonitoringPath = "/api/monitoring/volume";

    [Fact]
    public async Task Calls_TwoHundredCallersOnFourGateways_AreLetThroughExactlyUpToTheLimit()
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var upstream = await UpstreamServer.StartAsync();
        var gateways = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => GatewayUnderTest.StartAsync(connection, upstream.Url)));
        try
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => StatusAsync(gateways[i % 4], key)));

            Assert.Equal(60, answers.Count(status => status == HttpStatusCode.OK));
            Assert.Equal(140, answers.Count(status => status == HttpStatusCode.TooManyRequests));
            Assert.Equal(60, upstream.Requests.Count);
        }
        finally
        {
            foreach (var gateway in gateways)
                await gateway.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(0, HttpStatusCode.OK)]
    [InlineData(20, HttpStatusCode.TooManyRequests)] // to the microsecond it is shown where time can be chosen: CallScriptTests
    public async Task Call_AfterRetryAfter_SucceedsAndBeforeItDoesNot(int secondsTooEarly, HttpStatusCode expected)
    {
        await using var test = await StartAsync("--Plans:Free:CallsPerMinute=1");
        await StatusAsync(test.Gateway, test.Key);
        using var refused = await test.Gateway.SendAsync(test.Key);
        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.TooManyRequests, ErrorCodes.RateLimited, refused);
        var wait = refused.Headers.RetryAfter!.Delta!.Value;
        Assert.InRange(wait, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60));

        await test.RewindAsync(wait - TimeSpan.FromSeconds(secondsTooEarly));

        Assert.Equal(expected, await StatusAsync(test.Gateway, test.Key));
    }

    [Fact]
    public async Task Calls_OfLiveAndTestKeysAndMonitoring_EachHaveAWindowOfTheirOwn()
    {
        await using var test = await StartAsync("--Plans:Free:CallsPerMinute=1", "--Limits:MonitoringCallsPerMinute=1");
        var testKey = await KeyIssuer.IssueForAsync(test.Redis, test.Project, Environments.Test);

        HttpStatusCode[] first = [await StatusAsync(test.Gateway, test.Key), await StatusAsync(test.Gateway, testKey), await StatusAsync(test.Gateway, test.Key, MonitoringPath)];
        HttpStatusCode[] second = [await StatusAsync(test.Gateway, test.Key), await StatusAsync(test.Gateway, testKey), await StatusAsync(test.Gateway, test.Key, MonitoringPath)];

        Assert.All(first, status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.All(second, status => Assert.Equal(HttpStatusCode.TooManyRequests, status));
    }

    [Theory]
    [InlineData("/api/ingestion/events/0190163d-8694-739b-aea5-966c26f8ad91")]
    [InlineData("/api/segments/")]
    [InlineData("/api/segments/0190163d-8694-739b-aea5-966c26f8ad91/members")]
    public async Task Call_ThatReadsAnEventOrSegments_CountsAsMonitoring(string path)
    {
        await using var test = await StartAsync("--Plans:Free:CallsPerMinute=1", "--Limits:MonitoringCallsPerMinute=1");

        await StatusAsync(test.Gateway, test.Key, path);

        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync(test.Gateway, test.Key, MonitoringPath));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(test.Gateway, test.Key));
    }

    [Fact]
    public async Task Calls_OfAnotherProject_AreCountedApart()
    {
        await using var test = await StartAsync("--Plans:Free:CallsPerMinute=1");
        var (other, _) = await KeyIssuer.IssueAsync(test.Redis);
        await StatusAsync(test.Gateway, test.Key);

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(test.Gateway, other));
    }

    [Theory]
    [InlineData(StatusCodes.Status200OK)]
    [InlineData(StatusCodes.Status202Accepted)]
    [InlineData(StatusCodes.Status400BadRequest)]
    [InlineData(StatusCodes.Status404NotFound)]
    [InlineData(StatusCodes.Status413PayloadTooLarge)]
    [InlineData(StatusCodes.Status503ServiceUnavailable)]
    public async Task Answer_OfAnyStatus_SaysWhatTheLimitsAreAndWhatIsLeft(int status)
    {
        await using var test = await StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });

        using var answer = await test.Gateway.SendAsync(test.Key);

        AssertLimits(answer, left: 59);
    }

    [Fact]
    public async Task Answer_ServiceAway_SaysWhatTheLimitsAreAndWhatIsLeft()
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var gateway = await GatewayUnderTest.StartAsync(connection, "http://127.0.0.1:1");

        using var answer = await gateway.SendAsync(key);

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        AssertLimits(answer, left: 59);
    }

    [Fact]
    public async Task Answer_RateLimited_SaysThatNothingIsLeft()
    {
        await using var test = await StartAsync("--Plans:Free:CallsPerMinute=1");
        await StatusAsync(test.Gateway, test.Key);

        using var refused = await test.Gateway.SendAsync(test.Key);

        Assert.StartsWith("\"minute\";q=1;w=60, ", Header(refused, "RateLimit-Policy"), StringComparison.Ordinal);
        Assert.StartsWith($"\"minute\";r=0;t={refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds}, ", Header(refused, "RateLimit"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_OfATestKey_HasItsDayInsteadOfTheMonth()
    {
        await using var test = await StartAsync();
        var testKey = await KeyIssuer.IssueForAsync(test.Redis, test.Project, Environments.Test);

        using var answer = await test.Gateway.SendAsync(testKey);

        Assert.Equal("\"minute\";q=60;w=60, \"day\";q=100000;w=86400", Header(answer, "RateLimit-Policy"));
    }

    [Fact]
    public async Task Answer_WithoutAKey_SaysNothingOfAnyProjectsLimits()
    {
        await using var test = await StartAsync();

        using var answer = await test.Gateway.SendAsync(null);

        Assert.Equal("\"failures\";q=30;w=60", Header(answer, "RateLimit-Policy"));
        Assert.Equal("\"failures\";r=29;t=60", Header(answer, "RateLimit"));
    }

    [Fact]
    public async Task Answer_IngestionCountedTheMonth_SaysWhatIsLeftOfItAndNotHowItIsKnown()
    {
        await using var test = await StartAsync(context =>
        {
            context.Response.Headers[InternalHeaders.QuotaUsed] = "499000";
            return Task.CompletedTask;
        });

        using var answer = await test.Gateway.SendAsync(test.Key);

        Assert.Contains("\"month\";r=1000;t=", Header(answer, "RateLimit"), StringComparison.Ordinal);
        Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith(InternalHeaders.Prefix, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Call_MonthUsedUp_IsQuotaExceededUntilTheNextMonthAndNotForwarded()
    {
        await using var test = await StartAsync();
        await test.UseMonthAsync(500_000);

        using var answer = await test.Gateway.SendAsync(test.Key);

        var problem = await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.TooManyRequests, ErrorCodes.QuotaExceeded, answer);
        Assert.Equal(0, problem.GetProperty("remaining").GetInt64());
        Assert.Contains($"\"month\";r=0;t={answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds}", Header(answer, "RateLimit"), StringComparison.Ordinal);
        Assert.Empty(test.Upstream.Requests);
    }

    [Fact]
    public async Task Call_DayOfTestKeysUsedUp_IsQuotaExceededUntilTheNextDayAndNotForwarded()
    {
        await using var test = await StartAsync();
        var key = await KeyIssuer.IssueForAsync(test.Redis, test.Project, Environments.Test);
        var today = (long)(DateTime.UtcNow - DateTime.UnixEpoch).TotalDays;
        await test.SetAsync(RedisKeys.TestUsage(test.Project), ($"{today}", "100000"), ($"{today + 1}", "100000"));

        using var answer = await test.Gateway.SendAsync(key);

        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.TooManyRequests, ErrorCodes.QuotaExceeded, answer);
        Assert.Contains("\"day\";q=100000;w=86400", Header(answer, "RateLimit-Policy"), StringComparison.Ordinal);
        Assert.Contains($"\"day\";r=0;t={answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds}", Header(answer, "RateLimit"), StringComparison.Ordinal);
        Assert.Empty(test.Upstream.Requests);
    }

    [Fact]
    public async Task Call_WithATestKey_TellsIngestionTheDaysLimit()
    {
        await using var test = await StartAsync();

        await StatusAsync(test.Gateway, await KeyIssuer.IssueForAsync(test.Redis, test.Project, Environments.Test));

        Assert.Equal("100000", test.Upstream.Requests.Single().Headers[InternalHeaders.TestEventsPerDay]);
    }

    [Theory]
    [InlineData(Environments.Live, MonitoringPath)]
    [InlineData(Environments.Test, "/api/ingestion/track")]
    public async Task Call_MonthUsedUp_StillTakesMonitoringAndTestEvents(string environment, string path)
    {
        await using var test = await StartAsync();
        await test.UseMonthAsync(500_000);
        var key = await KeyIssuer.IssueForAsync(test.Redis, test.Project, environment);

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(test.Gateway, key, path));
    }

    [Theory]
    [InlineData("enterprise", "7", "8", "7", "8")]
    [InlineData("enterprise", null, null, "10000", null)]
    [InlineData("enterprise", "many", null, "60", "500000")]
    [InlineData("enterprise", null, "-1", "60", "500000")]
    [InlineData("starter", "7", "8", "300", "5000000")]
    [InlineData("unheard_of", "7", "8", "60", "500000")]
    public async Task Service_BehindTheGateway_IsToldWhatTheProjectMayUse(string plan, string? ownCalls, string? ownEvents, string calls, string? events)
    {
        await using var test = await StartAsync();
        var (key, project) = await KeyIssuer.IssueAsync(test.Redis, plan: plan);
        await test.SetAsync(RedisKeys.Project(project), (ProjectFields.CallsPerMinute, ownCalls), (ProjectFields.EventsPerMonth, ownEvents));

        await StatusAsync(test.Gateway, key);

        var headers = test.Upstream.Requests.Single().Headers;
        Assert.Equal(calls, headers[InternalHeaders.CallsPerMinute]);
        Assert.Equal(events, headers.GetValueOrDefault(InternalHeaders.EventsPerMonth));
        Assert.InRange(int.Parse(headers[InternalHeaders.RedisBudget], System.Globalization.CultureInfo.InvariantCulture), 0, 10_000);
    }

    private static void AssertLimits(HttpResponseMessage answer, int left)
    {
        Assert.Matches("^\"minute\";q=60;w=60, \"month\";q=500000;w=(2419200|2505600|2592000|2678400)$", Header(answer, "RateLimit-Policy"));
        Assert.Matches($"^\"minute\";r={left};t=60, \"month\";r=500000;t=[0-9]+$", Header(answer, "RateLimit"));
    }

    private static string Header(HttpResponseMessage answer, string name) => answer.Headers.GetValues(name).Single();

    private static async Task<HttpStatusCode> StatusAsync(GatewayUnderTest gateway, string key, string path = "/api/ingestion/track")
    {
        using var answer = await gateway.SendAsync(key, path);
        return answer.StatusCode;
    }

    private Task<LimitedProject> StartAsync(params string[] settings) => StartAsync(null, settings);

    private async Task<LimitedProject> StartAsync(RequestDelegate? service, params string[] settings) =>
        await LimitedProject.StartAsync(await redis.ConnectionStringAsync(), service, settings);
}
