using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Unit.Gateway;

public sealed class GatewaySettingsTests
{
    private const string Secret = "the-internal-secret-of-these-tests";

    [Theory]
    [InlineData("KeyStore:Capacity", "0")]
    [InlineData("Server:MaxConnections", "0")]
    [InlineData("Server:MaxHeaderBytes", "1")]
    [InlineData("Server:MaxBodyBytes", "1000")]
    [InlineData("Server:MaxDrainedBytes", "1000")]
    [InlineData("Server:HeadersTimeout", "01:00:00")]
    [InlineData("Server:MaxConnectionsPerAddress", "0")]
    [InlineData("Server:MaxRequestLineBytes", "0")]
    [InlineData("Server:MaxHeaders", "0")]
    [InlineData("Server:KeepAliveTimeout", "00:00:00")]
    [InlineData("Server:MinBodyRate", "0")]
    [InlineData("Server:BodyRateGrace", "00:00:01")]
    [InlineData("Server:ProbePort", "70000")]
    [InlineData("Server:TrustedProxies", "10.0.0.0/8,everybody")]
    [InlineData("Server:TrustedProxies", "10.0.0.1")]
    [InlineData("Limits:MonitoringCallsPerMinute", "0")]
    [InlineData("Limits:LocalWindows", "0")]
    [InlineData("Limits:PublishableCallsPerMinutePerAddress", "0")]
    [InlineData("Limits:PublishableCallsPerMinutePerAddress", "6001")]
    [InlineData("Limits:PublishableCeilingFactor", "0")]
    [InlineData("Limits:PublishableCeilingFactor", "1001")]
    [InlineData("Plans:Free:CallsPerMinute", "0")]
    [InlineData("Plans:Free:EventsPerMonth", "0")]
    [InlineData("Plans:Free:EventsPerMonth", "")]
    [InlineData("Plans:Starter:CallsPerMinute", "59")]
    [InlineData("Plans:Business:EventsPerMonth", "4999999")]
    [InlineData("Plans:Enterprise:CallsPerMinute", "1000001")]
    [InlineData("Plans:Enterprise:EventsPerMonth", "1")]
    [InlineData("KeyStore:Freshness", "00:10:00")]
    [InlineData("KeyStore:FailuresPerMinute", "0")]
    [InlineData("KeyStore:LastUsedInterval", "00:00:00")]
    [InlineData("Forwarding:RequestTimeout", "00:00:00")]
    [InlineData("Internal:Secret", "short")]
    [InlineData("Internal:PreviousSecret", "short")]
    [InlineData("Redis:Deadline", "00:00:00")]
    [InlineData("Redis:LookupDeadline", "00:02:00")]
    [InlineData("ConnectionStrings:redis", "")]
    [InlineData("ConnectionStrings:redis", "localhost,noSuchOption=1")]
    public void Build_SettingOutsideItsRange_FailsAndNamesItsFullKey(string key, string value)
    {
        var failure = Assert.Throws<OptionsValidationException>(() => SegOps.Gateway.Program.Build(
            ["--urls=http://127.0.0.1:0", "--ConnectionStrings:redis=" + Nowhere.Redis, $"--Internal:Secret={Secret}", $"--{key}={value}"],
            builder => builder.Logging.ClearProviders()));

        Assert.All(failure.Failures, fault => Assert.StartsWith(key, fault, StringComparison.Ordinal));
    }
}
