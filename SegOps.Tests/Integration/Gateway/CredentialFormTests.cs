using System.Net;
using System.Text;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Gateway;

/// <summary>The forms in which clients of other systems send a key.</summary>
public sealed class CredentialFormTests(RedisFixture redis)
{
    private const string Key = "{key}";

    [Theory]
    [InlineData("Authorization", "Bearer " + Key)]
    [InlineData("Authorization", "bearer " + Key)]
    [InlineData("X-Api-Key", Key)]
    [InlineData("x-api-key", " " + Key + " ")]
    public async Task Request_KeyInAHeader_IsForwardedWithoutIt(string name, string value) =>
        await AssertForwardedAsync(key => [(name, value.Replace(Key, key, StringComparison.Ordinal))]);

    [Theory]
    [InlineData("Basic", Key + ":")]
    [InlineData("basic", Key + ":a password")]
    [InlineData("BASIC", Key)]
    public async Task Request_KeyAsTheUserOfBasic_IsForwardedWithoutIt(string scheme, string credentials) =>
        await AssertForwardedAsync(key => [("Authorization", $"{scheme} {Base64(credentials.Replace(Key, key, StringComparison.Ordinal))}")]);

    [Fact]
    public async Task Request_SameKeyInTwoForms_IsForwardedWithoutIt() =>
        await AssertForwardedAsync(key => [("Authorization", "Bearer " + key), ("X-Api-Key", key)]);

    [Theory]
    [InlineData("Authorization", "Bearer abc")]
    [InlineData("Authorization", "Basic YWJjOg==")]
    [InlineData("Authorization", "Basic a")]
    [InlineData("X-Api-Key", "abc")]
    public Task Request_MalformedKey_IsInvalidApiKey(string name, string value) => AssertRefusedAsync(ErrorCodes.InvalidApiKey, (name, value));

    [Fact]
    public async Task Request_DifferentKeysInTwoForms_IsInvalidApiKeyAndSaysSo()
    {
        var (one, other) = (ApiKey.Generate(Environments.Live), ApiKey.Generate(Environments.Live));

        var detail = await AssertRefusedAsync(ErrorCodes.InvalidApiKey, ("Authorization", "Bearer " + one), ("X-Api-Key", other));

        Assert.Contains("several keys", detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Digest username=\"secret\"", "Digest")]
    [InlineData("Token secret", "Token")]
    [InlineData("Negotiate secret", "Negotiate")]
    public async Task Request_AnotherScheme_IsToldWhatItSentAndWhatToSend(string header, string scheme)
    {
        var detail = await AssertRefusedAsync(ErrorCodes.MissingApiKey, ("Authorization", header));

        Assert.Contains($"the scheme {scheme}.", detail, StringComparison.Ordinal);
        Assert.Contains("'Authorization: ApiKey sk_live_...'", detail, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_KeyWithoutAScheme_IsToldWhatToSendAndNotItsKey()
    {
        var key = ApiKey.Generate(Environments.Live);

        var detail = await AssertRefusedAsync(ErrorCodes.MissingApiKey, ("Authorization", key));

        Assert.Contains("no scheme", detail, StringComparison.Ordinal);
        Assert.DoesNotContain(key, detail, StringComparison.Ordinal);
    }

    private async Task AssertForwardedAsync(Func<string, (string Name, string Value)[]> headers)
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, _) = await KeyIssuer.IssueAsync(connection);
        await using var upstream = await UpstreamServer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(connection, upstream.Url);

        using var answer = await gateway.SendAsync(null, change: request => Add(request, headers(key)));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var forwarded = upstream.Requests.Single().Headers;
        Assert.DoesNotContain(forwarded.Keys, name => name is "Authorization" or "X-Api-Key");
        Assert.DoesNotContain(forwarded.Values, value => value.Contains(key, StringComparison.Ordinal));
    }

    /// <summary>Sends headers that are no valid key and returns the detail of the refusal.</summary>
    private static async Task<string> AssertRefusedAsync(string code, params (string Name, string Value)[] headers)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http);

        using var answer = await gateway.SendAsync(null, change: request => Add(request, headers));

        var problem = await GatewayUnderTest.AssertProblemAsync(HttpStatusCode.Unauthorized, code, answer);
        // No other scheme: for Basic a browser would ask its user for a password.
        Assert.Equal("ApiKey realm=\"SegOps\"", answer.Headers.WwwAuthenticate.Single().ToString());
        return problem.GetProperty("detail").GetString()!;
    }

    private static void Add(HttpRequestMessage request, (string Name, string Value)[] headers)
    {
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.ASCII.GetBytes(text));
}
