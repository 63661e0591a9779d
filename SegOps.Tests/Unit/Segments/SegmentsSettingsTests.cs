using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Unit.Segments;

public sealed class SegmentsSettingsTests
{
    [Fact]
    public void Build_SettingsOutsideTheirRanges_FailsAndNamesAllOfThem()
    {
        var failure = Assert.Throws<OptionsValidationException>(() => SegOps.Segments.Program.Build(
            [
                "--urls=http://127.0.0.1:0", "--ConnectionStrings:redis=" + Nowhere.Redis, "--Internal:Secret=the-internal-secret-of-these-tests",
                "--ConnectionStrings:clickhouse=Host=127.0.0.1;Port=1;Username=segops;Password=none;Database=segops",
                "--Evaluation:MaxThreads=0", "--Evaluation:MaxMemoryBytes=1048576", "--Evaluation:WarningsDeadline=00:00:00",
            ],
            builder => builder.Logging.ClearProviders()));

        Assert.Equal(["Evaluation:MaxThreads", "Evaluation:MaxMemoryBytes", "Evaluation:WarningsDeadline"], failure.Failures.Select(fault => fault.Split(' ')[0]));
    }
}
