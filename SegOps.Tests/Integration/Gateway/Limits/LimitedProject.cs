using System.Globalization;
using Microsoft.AspNetCore.Http;
using SegOps.Contracts;
using StackExchange.Redis;

namespace SegOps.Tests.Integration.Gateway.Limits;

/// <summary>A project on the free plan with a gateway, and what Redis holds of its calls.</summary>
internal sealed class LimitedProject : IAsyncDisposable
{
    private LimitedProject(string redis, string key, string project, UpstreamServer upstream, GatewayUnderTest gateway) =>
        (Redis, Key, Project, Upstream, Gateway) = (redis, key, project, upstream, gateway);

    public string Redis { get; }

    public string Key { get; }

    public string Project { get; }

    public UpstreamServer Upstream { get; }

    public GatewayUnderTest Gateway { get; }

    public static async Task<LimitedProject> StartAsync(string redis, RequestDelegate? service, params string[] settings)
    {
        var (key, project) = await KeyIssuer.IssueAsync(redis);
        var upstream = await UpstreamServer.StartAsync(service);
        return new(redis, key, project, upstream, await GatewayUnderTest.StartAsync(redis, upstream.Url, null, settings));
    }

    /// <summary>Lets time pass for the project's live calls, by making them older.</summary>
    public Task RewindAsync(TimeSpan by) => WithAsync(async database =>
    {
        RedisKey calls = RedisKeys.Calls(Project, CallBuckets.Live);
        var times = await database.ListRangeAsync(calls);
        for (var i = 0; i < times.Length; i++)
            await database.ListSetByIndexAsync(calls, i, ((long)times[i] - (long)by.TotalMicroseconds).ToString(CultureInfo.InvariantCulture));
    });

    /// <summary>Uses events of this month, and the next in case it begins now.</summary>
    public Task UseMonthAsync(long events)
    {
        var now = TimeProvider.System.GetUtcNow();
        var used = events.ToString(CultureInfo.InvariantCulture);
        return SetAsync(RedisKeys.Usage(Project), (Month(now), used), (Month(now.AddHours(1)), used));
    }

    /// <summary>Sets those fields of a hash that have a value.</summary>
    public Task SetAsync(string hash, params (string Field, string? Value)[] fields) => WithAsync(async database =>
    {
        foreach (var (field, value) in fields)
            if (value is not null)
                await database.HashSetAsync(hash, field, value);
    });

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Upstream.DisposeAsync();
    }

    private static string Month(DateTimeOffset time) => time.ToString("yyyy-MM", CultureInfo.InvariantCulture);

    private async Task WithAsync(Func<IDatabase, Task> write)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(Redis);
        await write(connection.GetDatabase());
    }
}
