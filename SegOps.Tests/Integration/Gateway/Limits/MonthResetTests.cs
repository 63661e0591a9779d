using System.Net;
using Microsoft.Extensions.Time.Testing;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Gateway.Limits;

public sealed class MonthResetTests
{
    private const long SecondsOf31Days = 31 * 86_400;

    [Fact]
    public async Task QuotaExceeded_AtTheStartOfAMonthOf31Days_NamesTheWholeMonthThoughTimersDoNotHoldIt()
    {
        Assert.True(SecondsOf31Days * 1000 > int.MaxValue); // the milliseconds that setTimeout takes
        await using var redis = await OwnRedis.StartAsync();
        await using var upstream = await UpstreamServer.StartAsync();
        var (key, project) = await KeyIssuer.IssueAsync(redis.ConnectionString);
        var now = TimeProvider.System.GetUtcNow();
        foreach (var month in (DateTimeOffset[])[now, now.AddHours(1)]) // in case the next begins now
            await redis.ExecuteAsync("HSET", RedisKeys.Usage(project), $"{month:yyyy-MM}", "500000");
        var clock = new FakeTimeProvider(new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var gateway = await GatewayUnderTest.StartAsync(redis.ConnectionString, upstream.Url, clock);
        (await gateway.SendAsync(key)).Dispose();
        await redis.StopAsync(); // Redis counts by its own clock. Without it the gateway counts by the test's.

        using var answer = await gateway.SendAsync(key);

        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.TooManyRequests, ErrorCodes.QuotaExceeded, answer);
        Assert.Equal($"{SecondsOf31Days}", answer.Headers.GetValues("Retry-After").Single());
        Assert.EndsWith($"\"month\";r=0;t={SecondsOf31Days}", answer.Headers.GetValues("RateLimit").Single(), StringComparison.Ordinal);
        Assert.EndsWith($"\"month\";q=500000;w={SecondsOf31Days}", answer.Headers.GetValues("RateLimit-Policy").Single(), StringComparison.Ordinal);
    }
}
