using System.Net;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using StackExchange.Redis;

namespace SegOps.Tests.Integration.Gateway.Limits;

public sealed class PublishableLimitTests(RedisFixture redis)
{
    private const string Phone = "203.0.113.7";
    private const string OtherPhone = "203.0.113.8";
    private const string MonthPolicy = ", \"month\";q=500000;w=(2419200|2505600|2592000|2678400)$";

    [Fact]
    public async Task Calls_FromOneAddress_AreLetThroughUpTo120WhateverThePlanHas()
    {
        await using var test = await StartAsync();

        var answers = await StatusesAsync(test, Enumerable.Repeat(Phone, 122));

        Assert.Equal([.. Enumerable.Repeat(HttpStatusCode.OK, 120), .. Enumerable.Repeat(HttpStatusCode.TooManyRequests, 2)], answers);
    }

    [Theory]
    [InlineData(Phone, Phone, HttpStatusCode.TooManyRequests)]
    [InlineData(Phone, OtherPhone, HttpStatusCode.OK)]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:ffff::1", HttpStatusCode.TooManyRequests)] // one network of one owner
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:3:3:4:5:6", HttpStatusCode.OK)]
    [InlineData("::ffff:203.0.113.7", Phone, HttpStatusCode.TooManyRequests)]
    public async Task Call_AfterOneAddressIsAtTheKeysOwnLimit_IsRefusedFromThatAddressOnly(string first, string second, HttpStatusCode expected)
    {
        await using var test = await StartAsync(limit: 1);

        Assert.Equal([HttpStatusCode.OK, expected], await StatusesAsync(test, [first, second]));
    }

    [Fact]
    public async Task Call_OverTheLimitOfTheAddress_SaysSo()
    {
        await using var test = await StartAsync(limit: 1);
        await StatusesAsync(test, [Phone]);

        using var refused = await SendAsync(test, Phone);

        var problem = await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.TooManyRequests, ErrorCodes.RateLimited, refused);
        Assert.StartsWith("This key from one address is limited to 1 calls within 60 seconds.", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal($"\"address\";r=0;t={refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds}", Header(refused, "RateLimit"));
    }

    [Fact]
    public async Task Call_OverTheCeilingOfTheKey_SaysSoAndLeavesNoTraceOfItsAddress()
    {
        await using var test = await StartAsync(settings: ["--Plans:Free:CallsPerMinute=1", "--Limits:PublishableCeilingFactor=2"]);
        await StatusesAsync(test, [Phone, OtherPhone]);
        var before = await KeysAsync(test);

        using var refused = await SendAsync(test, "203.0.113.9");

        var problem = await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.TooManyRequests, ErrorCodes.RateLimited, refused);
        Assert.StartsWith("This key, from all addresses together, is limited to 2 calls within 60 seconds.", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal($"\"key\";r=0;t={refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds}", Header(refused, "RateLimit"));
        Assert.Equal(3, before.Count); // the key's and those of two addresses
        Assert.Equal(before, await KeysAsync(test));
    }

    [Fact]
    public async Task Ceiling_ByDefault_IsTwentyTimesThePlansCalls()
    {
        await using var test = await StartAsync(settings: "--Plans:Free:CallsPerMinute=1");

        var answers = await StatusesAsync(test, Enumerable.Range(1, 21).Select(host => $"203.0.113.{host}"));

        Assert.Equal([.. Enumerable.Repeat(HttpStatusCode.OK, 20), HttpStatusCode.TooManyRequests], answers);
    }

    [Fact]
    public async Task Answer_ToAnAllowedCall_SaysWhatIsLeftToTheAddressAndNotHowMuchTheProjectSends()
    {
        await using var test = await StartAsync();

        using var answer = await SendAsync(test, Phone);

        Assert.Matches("^\"address\";q=120;w=60, \"key\";q=1200;w=60" + MonthPolicy, Header(answer, "RateLimit-Policy"));
        Assert.Equal("\"address\";r=119;t=60", Header(answer, "RateLimit"));
    }

    [Fact]
    public async Task Answer_OfATestKey_HasItsDayInsteadOfTheMonth()
    {
        await using var test = await PublishableProject.StartAsync(await redis.ConnectionStringAsync(), environment: Environments.Test);

        using var answer = await SendAsync(test, Phone);

        Assert.Equal("\"address\";q=120;w=60, \"key\";q=1200;w=60, \"day\";q=100000;w=86400", Header(answer, "RateLimit-Policy"));
    }

    [Fact]
    public async Task Call_MonthUsedUp_IsQuotaExceededAndSaysWhenTheNextBegins()
    {
        await using var test = await StartAsync();
        await using var connection = await ConnectionMultiplexer.ConnectAsync(test.Redis);
        var now = TimeProvider.System.GetUtcNow();
        foreach (var month in (DateTimeOffset[])[now, now.AddHours(1)]) // in case the next begins now
            await connection.GetDatabase().HashSetAsync(RedisKeys.Usage(test.Project), $"{month:yyyy-MM}", 500_000);

        using var refused = await SendAsync(test, Phone);

        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.TooManyRequests, ErrorCodes.QuotaExceeded, refused);
        Assert.Matches("^\"address\";r=119;t=60, \"month\";r=0;t=[0-9]+$", Header(refused, "RateLimit"));
    }

    [Fact]
    public async Task Calls_WithAPublishableKey_TakeNothingFromThePlansCalls()
    {
        await using var test = await StartAsync(settings: "--Plans:Free:CallsPerMinute=1");
        var secret = await KeyIssuer.IssueForAsync(test.Redis, test.Project, Environments.Live);
        await StatusesAsync(test, [Phone, Phone]);

        using var answer = await test.Gateway.SendAsync(secret);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Calls_OfAnotherPublishableKey_AreCountedApart()
    {
        await using var test = await StartAsync(limit: 1);
        var (other, _) = await KeyIssuer.IssuePublishableAsync(test.Redis, callsPerMinutePerAddress: 1);
        await StatusesAsync(test, [Phone]);

        using var answer = await SendAsync(test, Phone, other);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("https://elsewhere.example")]
    public async Task Call_Forbidden_SaysWhatIsLeftAndTakesNothing(string? origin)
    {
        await using var test = await PublishableProject.StartAsync(await redis.ConnectionStringAsync(), "https://app.example.com", 1);

        using var forbidden = await test.Gateway.SendAsync(test.Key, "/api/ingestion/track", origin is null ? HttpMethod.Get : HttpMethod.Post, request =>
        {
            request.Headers.Add("X-Forwarded-For", Phone);
            if (origin is not null)
                request.Headers.Add("Origin", origin);
        });

        Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
        Assert.Equal("\"address\";r=1;t=60", Header(forbidden, "RateLimit"));
        Assert.Equal([HttpStatusCode.OK], await StatusesAsync(test, [Phone]));
    }

    [Fact]
    public async Task Redis_AfterCalls_HoldsNoAddressInClearAndForgetsItWithinAMinute()
    {
        await using var test = await StartAsync();
        await StatusesAsync(test, [Phone, "2001:db8:1:2:3:4:5:6"]);
        await using var connection = await ConnectionMultiplexer.ConnectAsync(test.Redis);

        var keys = await KeysAsync(test);

        Assert.Equal(3, keys.Count);
        Assert.DoesNotContain(keys, key => key.Contains(Phone, StringComparison.Ordinal) || key.Contains("2001:", StringComparison.Ordinal));
        Assert.All(keys, key => Assert.InRange(connection.GetDatabase().KeyTimeToLive(key)!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task Calls_RedisStopped_AreLetThroughUpToTheLimitOfTheAddress()
    {
        await using var own = await OwnRedis.StartAsync();
        await using var test = await PublishableProject.StartAsync(own.ConnectionString, null, 2);
        await StatusesAsync(test, [OtherPhone]); // so that the gateway knows the key
        await own.StopAsync();

        var answers = await StatusesAsync(test, [Phone, Phone, Phone, OtherPhone]);

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.OK], answers);
    }

    private static string Header(HttpResponseMessage answer, string name) => answer.Headers.GetValues(name).Single();

    private static Task<HttpResponseMessage> SendAsync(PublishableProject test, string address, string? key = null) => test.Gateway.SendAsync(
        key ?? test.Key, "/api/ingestion/track", HttpMethod.Post, request => request.Headers.Add("X-Forwarded-For", address));

    private static async Task<List<HttpStatusCode>> StatusesAsync(PublishableProject test, IEnumerable<string> addresses)
    {
        var statuses = new List<HttpStatusCode>();
        foreach (var address in addresses)
        {
            using var answer = await SendAsync(test, address);
            statuses.Add(answer.StatusCode);
        }
        return statuses;
    }

    /// <summary>The keys in Redis of the project's windows.</summary>
    private static async Task<SortedSet<string>> KeysAsync(PublishableProject test)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(test.Redis);
        return [.. connection.GetServers().Single().Keys(pattern: $"segops:calls:{{{test.Project}}}:*").Select(key => key.ToString())];
    }

    private async Task<PublishableProject> StartAsync(int? limit = null, params string[] settings) =>
        await PublishableProject.StartAsync(await redis.ConnectionStringAsync(), null, limit, Environments.Live, settings);
}
