using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SegOps.Contracts;
using SegOps.Gateway.Keys;
using SegOps.ServiceDefaults.Redis;
using SegOps.Tests.Fixtures;
using StackExchange.Redis;

namespace SegOps.Tests.Integration.Gateway;

public sealed class LastUsedTests(RedisFixture redis) : IAsyncLifetime
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()));
    private string _redis = "";
    private ConnectionMultiplexer _connection = null!;
    private UpstreamServer _upstream = null!;
    private GatewayUnderTest _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await redis.ConnectionStringAsync();
        _connection = await ConnectionMultiplexer.ConnectAsync(_redis);
        _upstream = await UpstreamServer.StartAsync();
        _gateway = await GatewayUnderTest.StartAsync(_redis, _upstream.Url, _clock);
    }

    [Fact]
    public async Task LastUsed_OfAKeyThatWasUsed_IsWrittenAMinuteAfterTheStartAndNotBefore()
    {
        DateTimeOffset? used = _clock.GetUtcNow();
        var key = await UsedKeyAsync();

        _clock.Advance(Interval - TimeSpan.FromMilliseconds(1));
        Assert.Null(await ReadAsync(_connection, key));
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        await Eventually.IsAsync(used, () => ReadAsync(_connection, key));
    }

    [Fact]
    public async Task LastUsed_OfAKeyUsedAgain_MovesOn()
    {
        var key = await UsedKeyAsync();
        _clock.Advance(Interval);
        await Eventually.IsAsync(true, async () => await ReadAsync(_connection, key) is not null);

        DateTimeOffset? usedAgain = _clock.GetUtcNow();
        (await _gateway.SendAsync(key)).Dispose();
        _clock.Advance(Interval);

        await Eventually.IsAsync(usedAgain, () => ReadAsync(_connection, key));
    }

    [Fact]
    public async Task LastUsed_GatewayStopped_IsWritten()
    {
        DateTimeOffset? used = _clock.GetUtcNow();
        var key = await UsedKeyAsync();

        await _gateway.StopAsync();

        Assert.Equal(used, await ReadAsync(_connection, key));
    }

    [Fact]
    public async Task LastUsed_OfAKeyDeletedMeanwhile_DoesNotBringItBack()
    {
        var deleted = await UsedKeyAsync();
        await KeyIssuer.DeleteAsync(_redis, deleted);
        var other = await UsedKeyAsync();

        await _gateway.StopAsync();

        Assert.NotNull(await ReadAsync(_connection, other));
        Assert.False(await _connection.GetDatabase().KeyExistsAsync(RecordOf(deleted)));
    }

    [Fact]
    public async Task LastUsed_OfARevokedKey_IsNotWritten()
    {
        var (revoked, _) = await KeyIssuer.IssueAsync(_redis);
        await KeyIssuer.RevokeAsync(_redis, revoked, _clock.GetUtcNow());
        (await _gateway.SendAsync(revoked)).Dispose();
        var other = await UsedKeyAsync();

        await _gateway.StopAsync();

        Assert.NotNull(await ReadAsync(_connection, other));
        Assert.Null(await ReadAsync(_connection, revoked));
    }

    [Fact]
    public async Task LastUsed_AnotherGatewaySawItLater_Stays()
    {
        var key = await UsedKeyAsync();
        var later = _clock.GetUtcNow().AddSeconds(1);
        await _connection.GetDatabase().HashSetAsync(RecordOf(key), ApiKeyFields.LastUsedAt, later.ToUnixTimeMilliseconds());

        await _gateway.StopAsync();

        Assert.Equal(later, await ReadAsync(_connection, key));
    }

    [Fact]
    public async Task LastUsed_OfManyKeys_IsWrittenForEach()
    {
        var options = Options.Create(new KeyStoreOptions());
        var buffer = new KeyLastUsedBuffer(options, _clock);
        var keys = Enumerable.Range(0, 1_001).Select(_ => ApiKey.Generate(Environments.Live)).ToList();
        await Task.WhenAll(keys.Select(key => _connection.GetDatabase().HashSetAsync(RecordOf(key), ApiKeyFields.Project, "a project")));
        keys.ForEach(key => buffer.Note(Parse(key)));
        await using var connection = Connect(_redis);
        using var writer = new KeyLastUsedWriter(buffer, connection, options, _clock);

        await writer.FlushAsync(TestContext.Current.CancellationToken);

        Assert.All(await Task.WhenAll(keys.Select(key => ReadAsync(_connection, key))), time => Assert.Equal(_clock.GetUtcNow(), time));
    }

    [Fact]
    public async Task LastUsed_RedisAway_IsKeptForTheNextTimeAndBounded()
    {
        await using var server = await OwnRedis.StartAsync();
        var (first, _) = await KeyIssuer.IssueAsync(server.ConnectionString);
        var (second, _) = await KeyIssuer.IssueAsync(server.ConnectionString);
        var (third, _) = await KeyIssuer.IssueAsync(server.ConnectionString);
        var options = Options.Create(new KeyStoreOptions { Capacity = 2 });
        var buffer = new KeyLastUsedBuffer(options, _clock);
        await using var connection = Connect(server.ConnectionString);
        using var writer = new KeyLastUsedWriter(buffer, connection, options, _clock);

        await server.StopAsync();
        buffer.Note(Parse(first));
        buffer.Note(Parse(second));
        await writer.FlushAsync(TestContext.Current.CancellationToken);
        buffer.Note(Parse(third));
        await server.StartAgainAsync();
        await using var reader = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        await Eventually.IsAsync(true, async () =>
        {
            await writer.FlushAsync(TestContext.Current.CancellationToken);
            return await ReadAsync(reader, first) is not null;
        });

        Assert.NotNull(await ReadAsync(reader, second));
        Assert.Null(await ReadAsync(reader, third));
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _upstream.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private static RedisConnection Connect(string redis) =>
        new(Options.Create(new RedisOptions { ConnectionString = redis }), TimeProvider.System, NullLogger<RedisConnection>.Instance);

    private static ApiKey Parse(string text) => ApiKey.TryParse(text, out var key) ? key : throw new ArgumentException("No key.", nameof(text));

    private static string RecordOf(string key) => RedisKeys.ApiKey(Parse(key).Hash);

    private static async Task<DateTimeOffset?> ReadAsync(ConnectionMultiplexer connection, string key) =>
        (string?)await connection.GetDatabase().HashGetAsync(RecordOf(key), ApiKeyFields.LastUsedAt) is { } text
            ? DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(text, CultureInfo.InvariantCulture))
            : null;

    private async Task<string> UsedKeyAsync()
    {
        var (key, _) = await KeyIssuer.IssueAsync(_redis);
        using var answer = await _gateway.SendAsync(key);
        Assert.True(answer.IsSuccessStatusCode);
        return key;
    }
}
