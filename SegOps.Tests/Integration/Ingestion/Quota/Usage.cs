using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using StackExchange.Redis;

namespace SegOps.Tests.Integration.Ingestion.Quota;

/// <summary>A project's monthly figures, as Redis holds them.</summary>
internal sealed class Usage : IAsyncDisposable
{
    private readonly ConnectionMultiplexer _redis;

    private Usage(ConnectionMultiplexer redis) => _redis = redis;

    public static async Task<Usage> ConnectAsync(string redis) => new(await ConnectionMultiplexer.ConnectAsync(redis));

    /// <summary>All months together.</summary>
    public async Task<long> ReadAsync(string project) =>
        (await _redis.GetDatabase().HashGetAllAsync(RedisKeys.Usage(project))).Sum(month => (long)month.Value);

    /// <summary>The figure of <paramref name="month"/>.</summary>
    public async Task<long> ReadAsync(string project, string month) =>
        (long?)await _redis.GetDatabase().HashGetAsync(RedisKeys.Usage(project), month) ?? 0;

    /// <summary>Lists the project among all of them.</summary>
    public Task ListAsync(string project) =>
        _redis.GetDatabase().SortedSetAddAsync(RedisKeys.Projects, project, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());

    public Task SetAsync(string project, string month, long figure) => _redis.GetDatabase().HashSetAsync(RedisKeys.Usage(project), month, figure);

    /// <summary>Waits until the figure is <paramref name="expected"/>; Redis may be away meanwhile.</summary>
    public Task WaitForAsync(string project, long expected) => Eventually.IsAsync<long?>(expected, async () =>
    {
        try
        {
            return await ReadAsync(project);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            return null;
        }
    });

    public ValueTask DisposeAsync() => _redis.DisposeAsync();
}
