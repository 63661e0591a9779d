using SegOps.AppHost;
using SegOps.Tests.Fixtures.Servers;

[assembly: AssemblyFixture(typeof(SegOps.Tests.Fixtures.RedisFixture))]

namespace SegOps.Tests.Fixtures;

/// <summary>
/// One Redis-compatible server for the whole run, started when first asked for; SEGOPS_TEST_REDIS names one to use instead, or is
/// "garnet" for the embedded one where redis-server is installed.
/// Tests share it: each uses projects and keys of its own.
/// </summary>
public sealed class RedisFixture : IAsyncDisposable
{
    private const string Garnet = "garnet";
    private static readonly string? Choice = Environment.GetEnvironmentVariable("SEGOPS_TEST_REDIS");

    private readonly TemporaryFolder _data = new();
    private readonly LazyStart<RedisServer> _redis;

    public RedisFixture() => _redis = new(() => RedisServer.StartAsync(_data.Path, Choice == Garnet ? RedisKind.Garnet : RedisKind.Any));

    /// <summary>A connection string in StackExchange.Redis's form.</summary>
    public async Task<string> ConnectionStringAsync() =>
        Choice is { Length: > 0 } and not Garnet
            ? Choice
            : (await _redis.GetAsync()).ConnectionString;

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        _data.Dispose();
    }
}
