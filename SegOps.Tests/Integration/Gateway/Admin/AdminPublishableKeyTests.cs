using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Gateway.Admin;

/// <summary>Publishable keys in the admin API. KeyTests has what holds for all keys.</summary>
public sealed class AdminPublishableKeyTests(RedisFixture redis)
{
    private const string Restricted =
        """{"kind":"publishable","environment":"live","name":"shop","allowed_origins":["https://Shop.example.com:443","https://*.example.com"],"calls_per_minute_per_address":7}""";

    private const string Track = "/api/ingestion/track";

    [Theory]
    [InlineData(Environments.Live)]
    [InlineData(Environments.Test)]
    public async Task Create_PublishableKey_MakesAKeyThatSends(string environment)
    {
        await using var admin = await StartAsync();
        var project = await admin.CreateProjectAsync();

        var key = await CreateAsync(admin, project, $$"""{"kind":"publishable","environment":"{{environment}}"}""");

        Assert.StartsWith($"pk_{environment}_", Text(key, "key"), StringComparison.Ordinal);
        Assert.Equal(["created_at", "environment", "id", "key", "kind", "prefix", "state"], key.EnumerateObject().Select(field => field.Name).Order());
        Assert.Equal(HttpStatusCode.OK, await SendAsync(admin, key));
    }

    [Fact]
    public async Task Create_WithRestrictions_ShowsThemAsBrowsersSendThem()
    {
        await using var admin = await StartAsync();
        var project = await admin.CreateProjectAsync();

        var created = await CreateAsync(admin, project, Restricted);

        AssertRestricted(created);
        AssertRestricted(Assert.Single(await admin.KeysAsync(project)));
    }

    [Fact]
    public async Task Create_WithRestrictions_AppliesThem()
    {
        await using var admin = await StartAsync();
        var key = await CreateAsync(admin, await admin.CreateProjectAsync(), Restricted);

        using var answer = await admin.Gateway.SendAsync(Text(key, "key"), Track, HttpMethod.Post, request => request.Headers.Add("Origin", "https://shop.example.com"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.StartsWith("\"address\";q=7;w=60, ", answer.Headers.GetValues("RateLimit-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(admin, key, "https://elsewhere.example"));
    }

    [Theory]
    [InlineData("""{"kind":"public","environment":"live"}""", "kind must be one of secret, publishable.")]
    [InlineData("""{"environment":"live","allowed_origins":["https://a.example"]}""", "allowed_origins is for publishable keys only.")]
    [InlineData("""{"kind":"secret","environment":"live","calls_per_minute_per_address":5}""", "calls_per_minute_per_address is for publishable keys only.")]
    [InlineData("""{"kind":"publishable","environment":"live","allowed_origins":"https://a.example"}""", "allowed_origins must be a list of at most 20 strings.")]
    [InlineData("""{"kind":"publishable","environment":"live","allowed_origins":["https://a.example","https://a.example/path"]}""", "allowed_origins[1] must be an origin such as https://app.example.com")]
    [InlineData("""{"kind":"publishable","environment":"live","allowed_origins":[1]}""", "allowed_origins[0] must be an origin")]
    [InlineData("""{"kind":"publishable","environment":"live","allowed_origins":["\ud800"]}""", "not JSON")]
    [InlineData("""{"kind":"publishable","environment":"live","calls_per_minute_per_address":0}""", "calls_per_minute_per_address must be a whole number from 1 to 6000.")]
    [InlineData("""{"kind":"publishable","environment":"live","calls_per_minute_per_address":6001}""", "calls_per_minute_per_address must be a whole number from 1 to 6000.")]
    public async Task Create_BadRestrictions_SaysWhatIsWrong(string body, string fault)
    {
        await using var admin = await StartAsync();
        var project = await admin.CreateProjectAsync();

        var detail = await admin.RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidParameter, HttpMethod.Post, project + "/keys", body);

        Assert.Contains(fault, detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(20, HttpStatusCode.Created)]
    [InlineData(21, HttpStatusCode.BadRequest)]
    public async Task Create_NumberOfOrigins_IsAtMost20(int origins, HttpStatusCode expected)
    {
        await using var admin = await StartAsync();
        var project = await admin.CreateProjectAsync();
        var list = string.Join(',', Enumerable.Range(0, origins).Select(i => $"\"https://a{i}.example\""));

        using var answer = await admin.SendAsync(
            HttpMethod.Post, project + "/keys", $$"""{"kind":"publishable","environment":"live","allowed_origins":[{{list}}]}""");

        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task Rotate_PublishableKey_KeepsItsKindAndRestrictions()
    {
        await using var admin = await StartAsync();
        var project = await admin.CreateProjectAsync();
        var old = await CreateAsync(admin, project, Restricted);

        var rotated = await admin.DoneAsync(HttpStatusCode.Created, HttpMethod.Post, $"{project}/keys/{Text(old, "id")}/rotate");

        Assert.StartsWith("pk_live_", Text(rotated, "key"), StringComparison.Ordinal);
        Assert.NotEqual(Text(old, "key"), Text(rotated, "key"));
        AssertRestricted(rotated);
    }

    [Fact]
    public async Task Revoke_PublishableKey_IsRevokedApiKeyAfterASecond()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var admin = await StartAsync(clock);
        var project = await admin.CreateProjectAsync();
        var key = await CreateAsync(admin, project, Restricted);
        Assert.Equal(HttpStatusCode.OK, await SendAsync(admin, key));

        await admin.DoneAsync(HttpStatusCode.NoContent, HttpMethod.Delete, $"{project}/keys/{Text(key, "id")}");
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(admin, key));
    }

    [Fact]
    public async Task Change_OfOneRestriction_AppliesAfterASecondAndKeepsTheOther()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var admin = await StartAsync(clock);
        var project = await admin.CreateProjectAsync();
        var key = await CreateAsync(admin, project, Restricted);
        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(admin, key, "https://new.example"));

        var changed = await ChangeAsync(admin, project, key, """{"allowed_origins":["https://new.example"]}""");
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(["https://new.example"], Origins(changed));
        Assert.Equal(7, changed.GetProperty("calls_per_minute_per_address").GetInt32());
        Assert.Equal(HttpStatusCode.OK, await SendAsync(admin, key, "https://new.example"));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    public async Task Change_ToNone_RemovesARestriction(string none)
    {
        await using var admin = await StartAsync();
        var project = await admin.CreateProjectAsync();
        var key = await CreateAsync(admin, project, Restricted);

        var changed = await ChangeAsync(admin, project, key, $$"""{"allowed_origins":{{none}},"calls_per_minute_per_address":null}""");

        Assert.False(changed.TryGetProperty("allowed_origins", out _));
        Assert.False(changed.TryGetProperty("calls_per_minute_per_address", out _));
    }

    [Theory]
    [InlineData("""{"environment":"live"}""", """{"allowed_origins":["https://a.example"]}""", "for publishable keys only")]
    [InlineData(Restricted, """{"kind":"secret"}""", "kind is not a field of this request.")]
    [InlineData(Restricted, """{"allowed_origins":["*"]}""", "allowed_origins[0] must be an origin")]
    public async Task Change_OfWhatCannotChange_SaysWhatIsWrong(string key, string change, string fault)
    {
        await using var admin = await StartAsync();
        var project = await admin.CreateProjectAsync();
        var id = Text(await CreateAsync(admin, project, key), "id");

        var detail = await admin.RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidParameter, HttpMethod.Patch, $"{project}/keys/{id}", change);

        Assert.Contains(fault, detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Change_OfARevokedKey_IsRefused()
    {
        await using var admin = await StartAsync();
        var project = await admin.CreateProjectAsync();
        var id = Text(await CreateAsync(admin, project, Restricted), "id");
        await admin.DoneAsync(HttpStatusCode.NoContent, HttpMethod.Delete, $"{project}/keys/{id}");

        await admin.RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidParameter, HttpMethod.Patch, $"{project}/keys/{id}", "{}");
    }

    private static Task<JsonElement> CreateAsync(AdminUnderTest admin, string project, string body) =>
        admin.DoneAsync(HttpStatusCode.Created, HttpMethod.Post, project + "/keys", body);

    private static Task<JsonElement> ChangeAsync(AdminUnderTest admin, string project, JsonElement key, string body) =>
        admin.DoneAsync(HttpStatusCode.OK, HttpMethod.Patch, $"{project}/keys/{Text(key, "id")}", body);

    private static async Task<HttpStatusCode> SendAsync(AdminUnderTest admin, JsonElement key, string? origin = null)
    {
        using var answer = await admin.Gateway.SendAsync(Text(key, "key"), Track, HttpMethod.Post, request =>
        {
            if (origin is not null)
                request.Headers.Add("Origin", origin);
        });
        return answer.StatusCode;
    }

    private static string Text(JsonElement key, string field) => key.GetProperty(field).GetString()!;

    private static string?[] Origins(JsonElement key) => [.. key.GetProperty("allowed_origins").EnumerateArray().Select(origin => origin.GetString())];

    private static void AssertRestricted(JsonElement key)
    {
        Assert.Equal(("publishable", "shop"), (Text(key, "kind"), Text(key, "name")));
        Assert.Equal(["https://shop.example.com", "https://*.example.com"], Origins(key));
        Assert.Equal(7, key.GetProperty("calls_per_minute_per_address").GetInt32());
    }

    private async Task<AdminUnderTest> StartAsync(TimeProvider? clock = null) => await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync(), clock);
}
