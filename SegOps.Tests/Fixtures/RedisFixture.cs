using SegOps.Standalone.Parts;

[assembly: AssemblyFixture(typeof(SegOps.Tests.Fixtures.RedisFixture))]

namespace SegOps.Tests.Fixtures;

/// <summary>
/// One Redis-compatible server for the whole run, started when first asked for; SEGOPS_TEST_REDIS names one to use instead.
/// Tests share it: each uses projects and keys of its own.
/// </summary>
public sealed class RedisFixture : IAsyncDisposable
{
    private readonly TemporaryFolder _data = new();
    private readonly LazyStart<RedisServer> _redis;

    public RedisFixture() => _redis = new(() => RedisServer.StartAsync(_data.Path));

    /// <summary>A connection string in StackExchange.Redis's form.</summary>
    public async Task<string> ConnectionStringAsync() =>
        Environment.GetEnvironmentVariable("SEGOPS_TEST_REDIS") is { Length: > 0 } server
            ? server
            : (await _redis.GetAsync()).ConnectionString;

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        _data.Dispose();
    }
}
