using System.Net;
using Microsoft.Extensions.Time.Testing;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.Gateway.Admin;

namespace SegOps.Tests.Integration.Gateway;

/// <summary>A revoked key stays revoked, whatever happens to Redis. The clock stands still: only the revocation itself changes what gateways answer.</summary>
public sealed class RevocationTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private OwnRedis _redis = null!;
    private AdminUnderTest _admin = null!;
    private AdminUnderTest _other = null!;
    private string _path = "";
    private string _key = "";

    public async ValueTask InitializeAsync()
    {
        _redis = await OwnRedis.StartAsync();
        _admin = await AdminUnderTest.StartAsync(_redis.ConnectionString, _clock);
        _other = await AdminUnderTest.StartAsync(_redis.ConnectionString, _clock);
        var project = await _admin.CreateProjectAsync();
        (var id, _key) = await _admin.CreateKeyAsync(project);
        _path = $"{project}/keys/{id}";
        Assert.Equal(HttpStatusCode.OK, await _admin.CallAsync(_key));
        Assert.Equal(HttpStatusCode.OK, await _other.CallAsync(_key));
    }

    [Fact]
    public async Task Revoke_AKeyThatGatewaysHaveInMemory_ReachesThemByAMessage()
    {
        await RevokeAsync();

        await Eventually.IsAsync(HttpStatusCode.Unauthorized, () => _other.CallAsync(_key));
        await Eventually.IsAsync(HttpStatusCode.Unauthorized, () => _admin.CallAsync(_key));
    }

    [Fact]
    public async Task Revoke_ThenRedisIsKilled_IsRefusedWhileRedisIsAway()
    {
        await RevokeAsync();
        await Eventually.IsAsync(HttpStatusCode.Unauthorized, () => _other.CallAsync(_key));

        await _redis.KillAsync();
        _clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(HttpStatusCode.Unauthorized, await _other.CallAsync(_key));
    }

    [Fact]
    public async Task Revoke_ThenRedisIsKilledAtOnceAndStartedAgain_StaysRevoked()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("SEGOPS_TEST_REDIS") == "garnet", "Garnet answers before it writes to its log.");
        await _redis.WriteThroughAsync();
        await RevokeAsync();
        await _redis.KillAsync();
        await _redis.StartAgainAsync();

        await using var fresh = await AdminUnderTest.StartAsync(_redis.ConnectionString, _clock);

        Assert.Equal(HttpStatusCode.Unauthorized, await fresh.CallAsync(_key));
    }

    [Fact]
    public async Task Key_SeenAsRevokedAndThenValidInRedis_StaysRevoked()
    {
        await RevokeAsync();
        await Eventually.IsAsync(HttpStatusCode.Unauthorized, () => _other.CallAsync(_key));
        Assert.True(ApiKey.TryParse(_key, out var key));

        await _redis.ExecuteAsync("HDEL", RedisKeys.ApiKey(key.Hash), ApiKeyFields.RevokedAt); // as a Redis that lost its last writes
        _clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(HttpStatusCode.Unauthorized, await _other.CallAsync(_key));
    }

    public async ValueTask DisposeAsync()
    {
        await _admin.DisposeAsync();
        await _other.DisposeAsync();
        await _redis.DisposeAsync();
    }

    private Task<System.Text.Json.JsonElement> RevokeAsync() => _admin.DoneAsync(HttpStatusCode.NoContent, HttpMethod.Delete, _path);
}
