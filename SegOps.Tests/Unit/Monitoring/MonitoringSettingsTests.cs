using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Unit.Monitoring;

public sealed class MonitoringSettingsTests
{
    [Theory]
    [InlineData("Quota:ReconcileInterval", "00:04:59")]
    [InlineData("Quota:ReconcileInterval", "2.00:00:00")]
    [InlineData("Quota:QueryDeadline", "00:00:00")]
    [InlineData("Pipeline:MaxBacklogAge", "00:00:00.5")]
    [InlineData("Canary:Interval", "00:00:00.01")]
    [InlineData("Canary:PollInterval", "00:01:00")]
    [InlineData("Live:MaxStreams", "0")]
    [InlineData("Live:Duration", "00:00:00")]
    [InlineData("ConnectionStrings:redis", "")]
    public void Build_SettingOutsideItsRange_FailsAndNamesItsFullKey(string key, string value)
    {
        var failure = Assert.Throws<OptionsValidationException>(() => SegOps.Monitoring.Program.Build(
            [
                "--urls=http://127.0.0.1:0", "--ConnectionStrings:redis=" + Nowhere.Redis, "--ConnectionStrings:pubsub=Endpoint=http://127.0.0.1:1;ProjectId=test",
                "--ConnectionStrings:clickhouse=Host=127.0.0.1;Port=1;Username=segops;Password=none;Database=segops",
                "--Internal:Secret=the-internal-secret-of-these-tests", $"--{key}={value}",
            ],
            builder => builder.Logging.ClearProviders()));

        Assert.All(failure.Failures, fault => Assert.StartsWith(key, fault, StringComparison.Ordinal));
    }
}
