using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using SegOps.AppHost;
using SegOps.ServiceDefaults.Redis;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Fixtures.Servers;
using StackExchange.Redis;

namespace SegOps.Tests.Integration.ServiceDefaults;

/// <summary>What health says of a redis-server whose settings or state lose data. Each test has a server of its own.</summary>
public sealed class RedisHealthTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeLogger<RedisServers> _log = new();
    private RedisServer _redis = null!;

    public async ValueTask InitializeAsync()
    {
        if (Executables.FindOnPath("redis-server") is null)
            Assert.Skip("redis-server is not on PATH: sudo apt-get install -y redis-server");
        _redis = await RedisServer.StartAsync(_folder.Path, cancellationToken: TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Health_AsTheAppHostStartsRedis_IsHealthy() => Assert.Equal(HealthStatus.Healthy, (await CheckAsync()).Status);

    [Fact]
    public async Task Health_RedisBecomesAReplica_IsDegradedWithTheReason()
    {
        await using var connection = await ConnectAsync();

        await ExecuteAsync("REPLICAOF", "127.0.0.1", "1");

        AssertDegraded("Redis is a read-only replica.", await CheckAsync(connection));
    }

    [Fact]
    public async Task Health_RedisIsAReplicaFromTheStart_IsDegradedWithTheReason()
    {
        await ExecuteAsync("REPLICAOF", "127.0.0.1", "1");

        AssertDegraded("Redis is a read-only replica.", await CheckAsync());
    }

    [Fact]
    public async Task Health_MemoryIsFull_IsDegradedWithTheReason()
    {
        await ExecuteAsync("CONFIG", "SET", "maxmemory", "1");

        AssertDegraded("Redis is out of memory (OOM).", await CheckAsync());
    }

    [Fact]
    public async Task Health_RedisStopped_IsDegradedWithTheServicesBehaviour()
    {
        await using var connection = await ConnectAsync();

        await _redis.Server.StopAsync();

        AssertDegraded("Redis does not answer: the service works without it.", await CheckAsync(connection));
    }

    [Theory]
    [InlineData("allkeys-lru")]
    [InlineData("volatile-ttl")]
    public async Task Health_EvictingPolicy_IsDegradedAndLogged(string policy)
    {
        await ExecuteAsync("CONFIG", "SET", "maxmemory-policy", policy);

        AssertDegraded($"Redis can lose data. maxmemory-policy is {policy}", await CheckAsync());
        Assert.Contains(_log.Collector.GetSnapshot(), entry => entry.Level == LogLevel.Warning && entry.Message.Contains(policy, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Health_NoPersistence_IsDegraded()
    {
        await ExecuteAsync("CONFIG", "SET", "appendonly", "no");

        AssertDegraded("Redis can lose data. It has neither an append-only file nor snapshots", await CheckAsync());
    }

    [Fact]
    public async Task Health_SnapshotsOnly_SaysWhatACrashForgets()
    {
        await ExecuteAsync("CONFIG", "SET", "appendonly", "no");
        await ExecuteAsync("CONFIG", "SET", "save", "3600 1");

        AssertHealthy("It has snapshots but no append-only file", await CheckAsync());
    }

    [Fact]
    public async Task Health_ConfigIsForbidden_SaysThatPersistenceIsUnknown()
    {
        await ExecuteAsync("CONFIG", "SET", "appendonly", "no");
        await ExecuteAsync("ACL", "SETUSER", "limited", "on", ">password", "~*", "&*", "+@all", "-config");

        AssertHealthy("Whether it has an append-only file or snapshots is unknown.", await CheckAsync(",user=limited,password=password"));
    }

    [Fact]
    public async Task Health_ConfigIsForbidden_StillSeesAnEvictingPolicy()
    {
        await ExecuteAsync("CONFIG", "SET", "maxmemory-policy", "allkeys-lfu");
        await ExecuteAsync("ACL", "SETUSER", "limited", "on", ">password", "~*", "&*", "+@all", "-config");

        AssertDegraded("Redis can lose data. maxmemory-policy is allkeys-lfu", await CheckAsync(",user=limited,password=password"));
    }

    [Fact]
    public async Task Health_NothingMayBeAsked_SaysThatItIsUnknown()
    {
        await ExecuteAsync("ACL", "SETUSER", "limited", "on", ">password", "~*", "&*", "+@all", "-config", "-info");

        AssertHealthy("Its maxmemory-policy is unknown.", await CheckAsync(",user=limited,password=password"));
    }

    [Fact]
    public async Task Health_AnyNumberOfChecks_LeavesOneKeyThatExpires()
    {
        await using var connection = await ConnectAsync();
        for (var check = 0; check < 3; check++)
            await CheckAsync(connection);

        Assert.Equal(1, (int)await ExecuteAsync("DBSIZE"));
        Assert.InRange((int)await ExecuteAsync("TTL", (string)(await ExecuteAsync("RANDOMKEY"))!), 1, 60);
    }

    public async ValueTask DisposeAsync()
    {
        if (_redis is not null)
            await _redis.DisposeAsync();
        _folder.Dispose();
    }

    private static void AssertDegraded(string reason, HealthCheckResult result)
    {
        Assert.Equal(HealthStatus.Degraded, result.Status);
        Assert.StartsWith(reason, result.Description, StringComparison.Ordinal);
    }

    private static void AssertHealthy(string note, HealthCheckResult result)
    {
        Assert.Equal(HealthStatus.Healthy, result.Status);
        Assert.Contains(note, result.Description, StringComparison.Ordinal);
    }

    private async Task<HealthCheckResult> CheckAsync(string options = "")
    {
        await using var connection = await ConnectAsync(options);
        return await CheckAsync(connection);
    }

    private Task<HealthCheckResult> CheckAsync(RedisConnection connection) =>
        new RedisHealthCheck(connection, new RedisServers(connection, _log), "the service works without it.")
            .CheckHealthAsync(new HealthCheckContext(), TestContext.Current.CancellationToken);

    private async Task<RedisConnection> ConnectAsync(string options = "")
    {
        var connection = new RedisConnection(
            Options.Create(new RedisOptions { ConnectionString = _redis.ConnectionString + options, CommandTimeout = TimeSpan.FromSeconds(30) }),
            TimeProvider.System,
            new FakeLogger<RedisConnection>());
        await connection.RunAsync(database => database.PingAsync());
        return connection;
    }

    private async Task<RedisResult> ExecuteAsync(string command, params object[] arguments)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(_redis.ConnectionString + ",allowAdmin=true");
        return await connection.GetDatabase().ExecuteAsync(command, arguments);
    }
}
