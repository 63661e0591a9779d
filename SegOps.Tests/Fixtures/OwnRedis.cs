using System.Diagnostics;
using SegOps.AppHost;
using SegOps.Tests.Fixtures.Servers;
using StackExchange.Redis;

namespace SegOps.Tests.Fixtures;

/// <summary>A Redis-compatible server of a test's own, to stop, hang and empty; Garnet if SEGOPS_TEST_REDIS says so.</summary>
internal sealed class OwnRedis : IAsyncDisposable
{
    private readonly TemporaryFolder _data;
    private readonly RedisServer _redis;

    private OwnRedis(TemporaryFolder data, RedisServer redis) => (_data, _redis) = (data, redis);

    /// <summary>In StackExchange.Redis's form; the same after a new start. It is short of patience, see <see cref="Nowhere.Redis"/>.</summary>
    public string ConnectionString => _redis.ConnectionString + ",connectTimeout=2000";

    public static async Task<OwnRedis> StartAsync()
    {
        var data = new TemporaryFolder();
        var kind = Environment.GetEnvironmentVariable("SEGOPS_TEST_REDIS") == "garnet" ? RedisKind.Garnet : RedisKind.Any;
        return new(data, await RedisServer.StartAsync(data.Path, kind, cancellationToken: TestContext.Current.CancellationToken));
    }

    public Task StopAsync() => _redis.Server.StopAsync();

    /// <summary>Ends it as a crash does: SIGKILL.</summary>
    public Task KillAsync()
    {
        _redis.Server.Child.Kill();
        return _redis.Server.Child.Exited;
    }

    /// <summary>
    /// Writes each change to its disk before it answers, as WAITAOF makes it do, which the redis-server of the tests can be too old for. Garnet has no such setting.
    /// </summary>
    public Task WriteThroughAsync() => ExecuteAsync("CONFIG", "SET", "appendfsync", "always");

    /// <summary>Starts it again, with the data that it had.</summary>
    public Task StartAgainAsync() => _redis.Server.StartAsync(TestContext.Current.CancellationToken);

    /// <summary>Lets it hang with its connections open, until what is returned is disposed of.</summary>
    public IDisposable Hang()
    {
        Signal("STOP");
        return new Hanging(this);
    }

    /// <summary>Runs one command, such as FLUSHALL.</summary>
    public async Task<RedisResult> ExecuteAsync(string command, params object[] arguments)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(ConnectionString + ",allowAdmin=true");
        return await connection.GetDatabase().ExecuteAsync(command, arguments);
    }

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        _data.Dispose();
    }

    private void Signal(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_redis.Server.Child.Id}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    private sealed class Hanging(OwnRedis redis) : IDisposable
    {
        public void Dispose() => redis.Signal("CONT");
    }
}
