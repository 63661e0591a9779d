using Microsoft.AspNetCore.Http.Features;
using SegOps.Contracts;
using SegOps.Gateway.Keys;

namespace SegOps.Tests.Unit.Gateway.Keys;

public sealed class UrlKeyTests
{
    [Theory]
    [InlineData("")]
    [InlineData("?")]
    [InlineData("?user_id=a%26b&limit=1")]
    [InlineData("?keys=k&api_key=pk_live_k&=k")]
    public void Take_NoKey_LeavesTheUrlAsItIs(string query)
    {
        var (request, key) = Take(query);

        Assert.Null(key);
        Assert.Equal((query, "/path" + query), (request.QueryString, request.RawTarget));
    }

    [Theory]
    [InlineData("?key=k", "", "k")]
    [InlineData("?KEY=k", "", "k")]
    [InlineData("?k%65y=%6b", "", "k")]
    [InlineData("?key=+k+", "", "k")]
    [InlineData("?key=", "", "")]
    [InlineData("?key", "", "")]
    [InlineData("?a=1%2B&key=k&b=2", "?a=1%2B&b=2", "k")]
    [InlineData("?key=k&key=k", "", "k")]
    [InlineData("?key=k&key=other", "", "k,other")]
    [InlineData("?key=%", "", "%")]
    public void Take_Key_MovesItOutOfTheUrl(string query, string rest, string text)
    {
        var (request, key) = Take(query);

        Assert.Equal((text, false), (key!.Text, key.IsSecret));
        Assert.Equal((rest, "/path" + rest), (request.QueryString, request.RawTarget));
    }

    [Theory]
    [InlineData("?key=sk_live_k")]
    [InlineData("?key=sk_")]
    [InlineData("?key=SK_LIVE_K")]
    [InlineData("?key=%73k_test_k")]
    [InlineData("?key=pk_live_k&key=sk_live_k")]
    [InlineData("?key=sk_live_k&key=pk_live_k")]
    public void Take_KeyMeantAsSecret_IsSecret(string query)
    {
        var (request, key) = Take(query);

        Assert.True(key!.IsSecret);
        Assert.Equal("", request.QueryString);
    }

    [Theory]
    [InlineData(Environments.Live)]
    [InlineData(Environments.Test)]
    public void Take_WholeSecretKeyUnderAnotherName_IsSecretAndMovedToo(string environment)
    {
        var (request, key) = Take($"?user_id=u&token={ApiKey.Generate(environment)}");

        Assert.True(key!.IsSecret);
        Assert.Equal("?user_id=u", request.QueryString);
    }

    [Fact]
    public void Take_PartOfASecretKeyUnderAnotherName_IsNone() => Assert.Null(Take("?user_id=sk_live_user").Key);

    private static (HttpRequestFeature Request, UrlKey? Key) Take(string query)
    {
        var request = new HttpRequestFeature { QueryString = query, RawTarget = "/path" + query };
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(request);

        UrlKey.Take(features);

        return (request, features.Get<UrlKey>());
    }
}
