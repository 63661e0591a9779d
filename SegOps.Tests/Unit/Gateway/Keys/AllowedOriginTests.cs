using SegOps.Gateway.Keys;

namespace SegOps.Tests.Unit.Gateway.Keys;

public sealed class AllowedOriginTests
{
    [Theory]
    [InlineData("https://app.example.com", "https://app.example.com")]
    [InlineData("https://App.Example.COM", "https://app.example.com")]
    [InlineData("https://app.example.com:8443", "https://app.example.com:8443")]
    [InlineData("https://app.example.com:443", "https://app.example.com")]
    [InlineData("http://app.example.com:80", "http://app.example.com")]
    [InlineData("http://app.example.com:443", "http://app.example.com:443")]
    [InlineData("http://localhost:3000", "http://localhost:3000")]
    [InlineData("http://127.0.0.1:3000", "http://127.0.0.1:3000")]
    [InlineData("http://[::1]:3000", "http://[::1]:3000")]
    [InlineData("https://xn--bcher-kva.example", "https://xn--bcher-kva.example")]
    [InlineData("https://*.example.com", "https://*.example.com")]
    [InlineData("https://*.example.com:8443", "https://*.example.com:8443")]
    [InlineData("capacitor://localhost", "capacitor://localhost")]
    public void Normalize_Origin_IsWhatBrowsersSend(string text, string expected) => Assert.Equal(expected, AllowedOrigin.Normalize(text));

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("null")]
    [InlineData("app.example.com")]
    [InlineData("https://")]
    [InlineData("https://app.example.com/")]
    [InlineData("https://app.example.com/path")]
    [InlineData("https://app.example.com?query")]
    [InlineData("https://user@app.example.com")]
    [InlineData("https://app.example.com:")]
    [InlineData("https://app.example.com:0")]
    [InlineData("https://app.example.com:65536")]
    [InlineData("https://app.example.com https://b.example.com")]
    [InlineData(" https://app.example.com")]
    [InlineData("https://app.example.com\n")]
    [InlineData("https://app..example.com")]
    [InlineData("https://app.example.com.")]
    [InlineData("https://bücher.example")]
    [InlineData("https://*")]
    [InlineData("https://*.com")]
    [InlineData("https://app.*.com")]
    [InlineData("https://*app.example.com")]
    [InlineData("https://*.*.example.com")]
    public void Normalize_NoOrigin_IsNull(string text) => Assert.Null(AllowedOrigin.Normalize(text));

    [Fact]
    public void Normalize_HostLongerThanAnyName_IsNull() =>
        Assert.Null(AllowedOrigin.Normalize("https://" + string.Join('.', Enumerable.Repeat("a", 200)) + ".com"));

    [Theory]
    [InlineData("https://app.example.com", "https://app.example.com")]
    [InlineData("https://app.example.com", "HTTPS://APP.example.com")]
    [InlineData("https://app.example.com:8443", "https://app.example.com:8443")]
    [InlineData("https://*.example.com", "https://app.example.com")]
    [InlineData("https://*.example.com", "https://a.b.example.com")]
    [InlineData("https://*.example.com:8443", "https://app.example.com:8443")]
    public void Covers_OriginThatIsMeant_IsTrue(string allowed, string origin) => Assert.True(AllowedOrigin.Covers(allowed, origin));

    [Theory]
    [InlineData("https://app.example.com", "http://app.example.com")]
    [InlineData("https://app.example.com", "https://app.example.com:8443")]
    [InlineData("https://app.example.com", "https://app.example.com.evil.example")]
    [InlineData("https://app.example.com", "https://x.app.example.com")]
    [InlineData("https://app.example.com", "null")]
    [InlineData("https://app.example.com", "")]
    [InlineData("https://app.example.com", "https://app.example.com,https://app.example.com")]
    [InlineData("https://*.example.com", "https://example.com")]
    [InlineData("https://*.example.com", "https://.example.com")]
    [InlineData("https://*.example.com", "https://evilexample.com")]
    [InlineData("https://*.example.com", "http://app.example.com")]
    [InlineData("https://*.example.com", "https://app.example.com:8443")]
    [InlineData("https://*.example.com", "https://app.example.com.evil.example")]
    [InlineData("https://*.example.com", "https://evil.example/.example.com")]
    [InlineData("https://*.example.com", "https://evil.example:1.example.com")]
    [InlineData("https://*.example.com", "https://user@app.example.com")]
    [InlineData("https://*.example.com", "null")]
    public void Covers_AnyOtherOrigin_IsFalse(string allowed, string origin) => Assert.False(AllowedOrigin.Covers(allowed, origin));
}
