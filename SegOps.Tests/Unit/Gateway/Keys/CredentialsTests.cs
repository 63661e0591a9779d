using System.Text;
using Microsoft.AspNetCore.Http;
using SegOps.Gateway.Keys;

namespace SegOps.Tests.Unit.Gateway.Keys;

public sealed class CredentialsTests
{
    [Theory]
    [InlineData("ApiKey k", "k")]
    [InlineData("apikey   k  ", "k")]
    [InlineData("Bearer k", "k")]
    [InlineData("BEARER k", "k")]
    [InlineData("Basic azo=", "k")] // k:
    [InlineData("basic azpwYXNz", "k")] // k:pass
    [InlineData("Basic aw==", "k")] // k
    [InlineData("Basic azphOmI=", "k")] // k:a:b
    public void Of_Authorization_IsItsKey(string header, string key) => Assert.Equal((key, null), Read(header));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("ApiKey")]
    [InlineData("Bearer  ")]
    public void Of_NothingGiven_IsNoKeyAndNoAdvice(string? header) => Assert.Equal((null, null), Read(header));

    [Theory]
    [InlineData("Digest username=u", "the scheme Digest.")]
    [InlineData("Token k", "the scheme Token.")]
    [InlineData("AWS4-HMAC-SHA256 k", "the scheme AWS4-HMAC-SHA256.")]
    [InlineData("sk_live_k", "no scheme.")]
    [InlineData("sk_live_k and more", "an unknown scheme.")]
    [InlineData("AVeryLongSchemeOr1Secret k", "an unknown scheme.")]
    [InlineData("Sch<b>eme k", "an unknown scheme.")]
    public void Of_AnotherScheme_IsNoKeyAndTheAdviceNamesWhatCame(string header, string named)
    {
        var (key, advice) = Read(header);

        Assert.Null(key);
        Assert.StartsWith("The header Authorization has " + named, advice, StringComparison.Ordinal);
        Assert.Contains("'Authorization: ApiKey sk_live_...'", advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Basic k")]
    [InlineData("Basic ====")]
    [InlineData("Basic \u00e9\u00e9\u00e9\u00e9")]
    public void Of_BasicThatIsNoBase64_IsAnEmptyKeyWithAdvice(string header) => AssertMalformed(Read(header), "base64");

    [Fact]
    public void Of_BasicOfAnySize_IsReadOrMalformed()
    {
        foreach (var length in (int[])[1, 1000, 1023, 1024, 1025, 12_000])
        {
            var (key, advice) = Read("Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes(new string('k', length))));
            Assert.Equal(length <= 1024 ? new string('k', length) : "", key);
            Assert.Equal(length <= 1024, advice is null);
        }
    }

    [Fact]
    public void Of_BasicWithoutAUserName_IsNoKeyWithAdvice()
    {
        var (key, advice) = Read("Basic OnBhc3M="); // :pass

        Assert.Null(key);
        Assert.Contains("user name", advice, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_XApiKey_IsTheKey() => Assert.Equal(("k", null), Read(null, "k"));

    [Fact]
    public void Of_XApiKeyBesideAnotherScheme_IsTheKey() => Assert.Equal(("k", null), Read("Digest username=u", "k"));

    [Fact]
    public void Of_TheSameKeyInTwoForms_IsTheKey() => Assert.Equal(("k", null), Read("Bearer k", "k"));

    [Fact]
    public void Of_DifferentKeysInTwoForms_IsAnEmptyKeyWithAdvice() => AssertMalformed(Read("Bearer k", "other"), "several keys");

    [Fact]
    public void Of_TwoHeadersXApiKey_IsAnEmptyKeyWithAdvice() => AssertMalformed(Read(null, "k", "other"), "several keys");

    [Fact]
    public void Of_TwoHeadersAuthorization_IsAnEmptyKeyWithAdvice()
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Authorization = new(["ApiKey k", "ApiKey k"]);

        AssertMalformed(Read(context), "several keys");
    }

    [Theory]
    [InlineData(null, "k")]
    [InlineData("Bearer k", "k")]
    [InlineData("Digest username=u", "k")]
    public void Of_KeyInTheUrl_IsTheKey(string? header, string key) => Assert.Equal((key, null), Read(ContextOf("?key=" + key, header)));

    [Fact]
    public void Of_KeyInTheUrlAndAnotherInAHeader_IsAnEmptyKeyWithAdvice() => AssertMalformed(Read(ContextOf("?key=k", "Bearer other")), "several keys");

    private static void AssertMalformed((string? Key, string? Advice) read, string advice)
    {
        Assert.Equal("", read.Key);
        Assert.Contains(advice, read.Advice, StringComparison.Ordinal);
    }

    private static (string? Key, string? Advice) Read(string? authorization, params string[] xApiKey)
    {
        var context = ContextOf("", authorization);
        if (xApiKey.Length > 0)
            context.Request.Headers["X-Api-Key"] = xApiKey;
        return Read(context);
    }

    private static (string? Key, string? Advice) Read(HttpContext context)
    {
        var credentials = Credentials.Of(context);
        return (credentials.Key, credentials.Advice);
    }

    private static DefaultHttpContext ContextOf(string query, string? authorization)
    {
        var context = new DefaultHttpContext();
        context.Request.QueryString = new(query);
        context.Request.Headers.Authorization = authorization;
        UrlKey.Take(context.Features);
        return context;
    }
}
