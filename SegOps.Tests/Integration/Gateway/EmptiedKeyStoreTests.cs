using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Gateway;

public sealed class EmptiedKeyStoreTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private OwnRedis _redis = null!;
    private UpstreamServer _upstream = null!;
    private GatewayUnderTest _gateway = null!;
    private string _key = "";

    public async ValueTask InitializeAsync()
    {
        _redis = await OwnRedis.StartAsync();
        _upstream = await UpstreamServer.StartAsync();
        (_key, _) = await KeyIssuer.IssueAsync(_redis.ConnectionString);
        _gateway = await GatewayUnderTest.StartAsync(_redis.ConnectionString, _upstream.Url, _clock);
        (await _gateway.SendAsync(_key)).Dispose();
        await _redis.ExecuteAsync("FLUSHALL");
        _clock.Advance(TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task Request_KeySeenBefore_WorksFromMemory()
    {
        using var answer = await _gateway.SendAsync(_key);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Request_KeySeenBeforeAndOtherKeysCreatedSince_WorksFromMemory()
    {
        await KeyIssuer.IssueAsync(_redis.ConnectionString);

        using var answer = await _gateway.SendAsync(_key);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Request_KeyNeverSeen_IsAuthenticationUnavailable()
    {
        using var answer = await _gateway.SendAsync(ApiKey.Generate(Environments.Live));

        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.ServiceUnavailable, ErrorCodes.AuthenticationUnavailable, answer);
    }

    [Fact]
    public async Task Request_KeyNeverSeenOnceKeysAreWrittenAgain_IsInvalidApiKey()
    {
        await KeyIssuer.IssueAsync(_redis.ConnectionString);

        using var answer = await _gateway.SendAsync(ApiKey.Generate(Environments.Live));

        await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.InvalidApiKey, answer);
    }

    [Fact]
    public async Task Health_UntilKeysAreWrittenAgain_IsDegradedForTheKeyStore()
    {
        var before = await KeyStoreHealthAsync();
        await KeyIssuer.IssueAsync(_redis.ConnectionString);
        var after = await KeyStoreHealthAsync();

        Assert.Equal(("degraded", "healthy"), (before, after));
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _upstream.DisposeAsync();
        await _redis.DisposeAsync();
    }

    private async Task<string?> KeyStoreHealthAsync()
    {
        var health = await _gateway.Client.GetFromJsonAsync<JsonElement>(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);
        return health.GetProperty("checks").GetProperty("key_store").GetProperty("status").GetString();
    }
}
