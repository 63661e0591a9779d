using SegOps.AppHost;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Fixtures.Servers;
using StackExchange.Redis;

namespace SegOps.Tests.Integration.AppHost;

public sealed class RedisServerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(nameof(RedisKind.Garnet))]
    [InlineData(nameof(RedisKind.Any))]
    public async Task Stop_ThenStartOnTheSameFolder_KeepsWhatWasWritten(string kind)
    {
        await using var redis = await StartAsync(kind);
        await SetAsync(redis, "kept");

        await redis.Server.StopAsync();
        await redis.Server.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal("kept", await GetAsync(redis));
    }

    [Fact]
    public async Task Kill_RedisServer_LosesNothing()
    {
        await using var redis = await StartAsync(nameof(RedisKind.Any));
        await SetAsync(redis, "kept");

        redis.Server.Child.Kill();
        await redis.Server.Child.Exited;
        await redis.Server.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal("kept", await GetAsync(redis));
    }

    [Fact]
    public async Task Kill_Garnet_KeepsWhatIsInItsLog()
    {
        await using var redis = await StartAsync(nameof(RedisKind.Garnet));
        await SetAsync(redis, "kept");
        await using (var connection = await ConnectAsync(redis))
            await connection.GetDatabase().ExecuteAsync("COMMITAOF");

        redis.Server.Child.Kill();
        await redis.Server.Child.Exited;
        await redis.Server.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal("kept", await GetAsync(redis));
    }

    [Theory]
    [InlineData(nameof(RedisKind.Garnet))]
    [InlineData(nameof(RedisKind.Any))]
    public async Task Script_AsTheLimiterNeedsIt_Runs(string kind)
    {
        await using var redis = await StartAsync(kind);
        await using var connection = await ConnectAsync(redis);

        var result = await connection.GetDatabase().ScriptEvaluateAsync(
            "local n = redis.call('INCRBY', KEYS[1], ARGV[1]); redis.call('PEXPIRE', KEYS[1], 60000); return n", ["segops:test"], [41]);

        Assert.Equal(41, (int)result);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<RedisServer> StartAsync(string kind)
    {
        if (kind == nameof(RedisKind.Any) && Executables.FindOnPath("redis-server") is null)
            Assert.Skip("redis-server is not on PATH: sudo apt-get install -y redis-server");
        return await RedisServer.StartAsync(_folder.Path, Enum.Parse<RedisKind>(kind), cancellationToken: TestContext.Current.CancellationToken);
    }

    private static async Task SetAsync(RedisServer redis, string value)
    {
        await using var connection = await ConnectAsync(redis);
        await connection.GetDatabase().StringSetAsync("segops:test", value);
    }

    private static async Task<string?> GetAsync(RedisServer redis)
    {
        await using var connection = await ConnectAsync(redis);
        return await connection.GetDatabase().StringGetAsync("segops:test");
    }

    private static async Task<ConnectionMultiplexer> ConnectAsync(RedisServer redis) => await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
}
