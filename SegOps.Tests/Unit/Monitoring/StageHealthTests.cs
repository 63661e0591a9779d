using SegOps.Monitoring.Pipeline;

namespace SegOps.Tests.Unit.Monitoring;

public sealed class StageHealthTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Took = TimeSpan.FromMilliseconds(12.345);
    private static readonly StageResult Down = new(StageState.Down, "It cannot be reached.");

    [Fact]
    public void Unknown_BeforeTheFirstCheck_IsDegradedAndSaysWhy()
    {
        var stage = StageHealth.Unknown("event_stream", Start);

        Assert.Equal(StageState.Degraded, stage.State);
        Assert.NotNull(stage.Reason);
    }

    [Fact]
    public void After_AnotherState_IsSinceNow()
    {
        var stage = StageHealth.Unknown("event_stream", Start).After(StageResult.Ok, Start.AddSeconds(1), Took).After(Down, Start.AddSeconds(2), Took);

        Assert.Equal(new StageHealth("event_stream", StageState.Down, Down.Reason, Start.AddSeconds(2), Start.AddSeconds(2), 12.3), stage);
    }

    [Fact]
    public void After_TheSameState_KeepsSinceAndTakesTheNewReason()
    {
        var stage = StageHealth.Unknown("event_stream", Start).After(Down, Start.AddSeconds(1), Took)
            .After(Down with { Reason = "It did not answer." }, Start.AddSeconds(2), Took);

        Assert.Equal(new StageHealth("event_stream", StageState.Down, "It did not answer.", Start.AddSeconds(1), Start.AddSeconds(2), 12.3), stage);
    }
}
