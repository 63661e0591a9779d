using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

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
    [InlineData("Internal:Secret", "short")]
    [InlineData("ConnectionStrings:redis", "")]
    [InlineData("ConnectionStrings:redis", "localhost,noSuchOption=1")]
    public async Task Start_SettingOutsideItsRange_FailsAndNamesIt(string key, string value)
    {
        await using var app = SegOps.Gateway.Program.Build(
            ["--urls=http://127.0.0.1:0", "--ConnectionStrings:redis=127.0.0.1:1", $"--Internal:Secret={Secret}", $"--{key}={value}"],
            builder => builder.Logging.ClearProviders());

        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync(TestContext.Current.CancellationToken));

        Assert.All(failure.Failures, fault => Assert.Contains(key.Split(':')[1], fault, StringComparison.Ordinal));
    }
}
