using System.Net;
using Microsoft.Extensions.Time.Testing;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using StackExchange.Redis;

namespace SegOps.Tests.Integration.Gateway.Admin;

public sealed class KeyTests(RedisFixture redis)
{
    [Theory]
    [InlineData(Environments.Live)]
    [InlineData(Environments.Test)]
    public async Task Create_ForAnEnvironment_MakesAKeyThatWorks(string environment)
    {
        await using var admin = await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync());
        var (_, text) = await admin.CreateKeyAsync(await admin.CreateProjectAsync(), environment);

        Assert.StartsWith($"sk_{environment}_", text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await admin.CallAsync(text));
    }

    [Fact]
    public async Task Create_Always_TellsCachesToKeepNothing()
    {
        await using var admin = await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync());
        var project = await admin.CreateProjectAsync();

        using var answer = await admin.SendAsync(HttpMethod.Post, project + "/keys", """{"environment":"live"}""");

        Assert.True(answer.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task Create_Always_StoresTheHashAndNotTheText()
    {
        await using var admin = await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync());
        var (_, text) = await admin.CreateKeyAsync(await admin.CreateProjectAsync());
        Assert.True(ApiKey.TryParse(text, out var key));
        await using var connection = await ConnectionMultiplexer.ConnectAsync(await redis.ConnectionStringAsync());

        var stored = await connection.GetDatabase().HashGetAllAsync(RedisKeys.ApiKey(key.Hash));

        Assert.NotEmpty(stored);
        Assert.DoesNotContain(stored, field => field.Value.ToString().Contains(text[12..], StringComparison.Ordinal));
    }

    [Fact]
    public async Task List_AKey_ShowsWhatNamesItAndNeitherTextNorHash()
    {
        await using var admin = await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync());
        var project = await admin.CreateProjectAsync();
        var (id, text) = await admin.CreateKeyAsync(project);

        var listed = Assert.Single(await admin.KeysAsync(project));

        Assert.Equal(
            (id, text[..12], "secret", Environments.Live, "backend", "active"),
            (Text("id"), Text("prefix"), Text("kind"), Text("environment"), Text("name"), Text("state")));
        Assert.Equal(["created_at", "environment", "id", "kind", "name", "prefix", "state"], listed.EnumerateObject().Select(field => field.Name).Order());

        string? Text(string field) => listed.GetProperty(field).GetString();
    }

    [Fact]
    public async Task Revoke_AKey_IsSeenByAnotherGatewayAfterASecond()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var admin = await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync(), clock);
        await using var other = await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync(), clock);
        var project = await admin.CreateProjectAsync();
        var (id, text) = await admin.CreateKeyAsync(project);
        Assert.Equal(HttpStatusCode.OK, await other.CallAsync(text));

        await admin.DoneAsync(HttpStatusCode.NoContent, HttpMethod.Delete, $"{project}/keys/{id}");
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(HttpStatusCode.Unauthorized, await other.CallAsync(text));
    }

    [Fact]
    public async Task Revoke_Twice_ChangesNothingMore()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var admin = await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync(), clock);
        var project = await admin.CreateProjectAsync();
        var (id, _) = await admin.CreateKeyAsync(project);
        await admin.DoneAsync(HttpStatusCode.NoContent, HttpMethod.Delete, $"{project}/keys/{id}");
        var first = await admin.KeysAsync(project);
        clock.Advance(TimeSpan.FromHours(1));

        await admin.DoneAsync(HttpStatusCode.NoContent, HttpMethod.Delete, $"{project}/keys/{id}");

        Assert.Equal(first.Single().GetRawText(), (await admin.KeysAsync(project)).Single().GetRawText());
    }

    [Fact]
    public async Task Rotate_WithinTheOverlap_BothKeysWork()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var admin = await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync(), clock);
        var project = await admin.CreateProjectAsync();
        var (id, old) = await admin.CreateKeyAsync(project, Environments.Test);

        var rotated = await admin.DoneAsync(HttpStatusCode.Created, HttpMethod.Post, $"{project}/keys/{id}/rotate", """{"overlap_seconds":3600}""");
        clock.Advance(TimeSpan.FromSeconds(3599));

        Assert.StartsWith("sk_test_", rotated.GetProperty("key").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await admin.CallAsync(rotated.GetProperty("key").GetString()!));
        Assert.Equal(HttpStatusCode.OK, await admin.CallAsync(old));
    }

    [Fact]
    public async Task Rotate_AfterTheOverlap_OnlyTheNewKeyWorks()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var admin = await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync(), clock);
        var project = await admin.CreateProjectAsync();
        var (id, old) = await admin.CreateKeyAsync(project);

        var rotated = await admin.DoneAsync(HttpStatusCode.Created, HttpMethod.Post, $"{project}/keys/{id}/rotate", """{"overlap_seconds":3600}""");
        clock.Advance(TimeSpan.FromSeconds(3601));

        Assert.Equal(HttpStatusCode.OK, await admin.CallAsync(rotated.GetProperty("key").GetString()!));
        Assert.Equal(HttpStatusCode.Unauthorized, await admin.CallAsync(old));
    }

    [Fact]
    public async Task Rotate_WithoutABody_OverlapsByADay()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var admin = await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync(), clock);
        var project = await admin.CreateProjectAsync();
        var (id, _) = await admin.CreateKeyAsync(project);

        await admin.DoneAsync(HttpStatusCode.Created, HttpMethod.Post, $"{project}/keys/{id}/rotate");

        var old = (await admin.KeysAsync(project)).Single(key => key.GetProperty("id").GetString() == id);
        Assert.Equal("expiring", old.GetProperty("state").GetString());
        Assert.Equal((clock.GetUtcNow() + TimeSpan.FromDays(1)).ToUnixTimeMilliseconds(), old.GetProperty("revoked_at").GetDateTimeOffset().ToUnixTimeMilliseconds());
    }

    [Fact]
    public async Task Rotate_ARevokedKey_IsRefused()
    {
        await using var admin = await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync());
        var project = await admin.CreateProjectAsync();
        var (id, _) = await admin.CreateKeyAsync(project);
        await admin.DoneAsync(HttpStatusCode.NoContent, HttpMethod.Delete, $"{project}/keys/{id}");

        await admin.RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidParameter, HttpMethod.Post, $"{project}/keys/{id}/rotate");
    }

    [Theory]
    [InlineData("DELETE", "/keys/key_0000000000000000")]
    [InlineData("POST", "/keys/key_0000000000000000/rotate")]
    [InlineData("PATCH", "/keys/key_0000000000000000")]
    public async Task Key_OfAnotherProject_IsNotFound(string method, string path)
    {
        await using var admin = await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync());
        var (id, _) = await admin.CreateKeyAsync(await admin.CreateProjectAsync());
        var stranger = await admin.CreateProjectAsync();

        await admin.RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.KeyNotFound, new HttpMethod(method), stranger + path);
        await admin.RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.KeyNotFound, new HttpMethod(method),
            stranger + path.Replace("key_0000000000000000", id, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{}""", "environment is required.")]
    [InlineData("""{"environment":"prod"}""", "environment must be one of live, test.")]
    [InlineData("""{"environment":"live","name":""}""", "name must be a string")]
    [InlineData("""{"environment":"live","scope":"all"}""", "scope is not a field")]
    [InlineData("""{"environment":"live","environment":"test"}""", "more than once")]
    [InlineData("[]", "must be a JSON object")]
    [InlineData("{", "not JSON")]
    public async Task Create_BadBody_SaysWhatIsWrong(string body, string fault)
    {
        await using var admin = await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync());
        var project = await admin.CreateProjectAsync();

        var detail = await admin.RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidParameter, HttpMethod.Post, project + "/keys", body);

        Assert.Contains(fault, detail, StringComparison.Ordinal);
    }
}
