using SegOps.Bench.Chaos;

namespace SegOps.Bench.Tests;

public sealed class FaultPlanTests
{
    private static readonly TimeSpan TwoMinutes = TimeSpan.FromMinutes(2);

    [Fact]
    public void Of_SameSeed_IsTheSame() => Assert.Equal(FaultPlan.Of(7, TwoMinutes), FaultPlan.Of(7, TwoMinutes));

    [Fact]
    public void Of_AnotherSeed_Differs() => Assert.NotEqual(FaultPlan.Of(7, TwoMinutes), FaultPlan.Of(8, TwoMinutes));

    [Fact]
    public void Of_AnyLength_BeginsNoFaultAfterIt() => Assert.All(FaultPlan.Of(7, TwoMinutes), fault => Assert.InRange(fault.At, TimeSpan.Zero, TwoMinutes));

    [Fact]
    public void Of_LongEnough_HoldsEveryFault() => Assert.Equal(
        (3 * FaultPlan.Parts.Count) + (4 * FaultPlan.Links.Count),
        FaultPlan.Of(7, 41 * TimeSpan.FromSeconds(3.5)).Select(fault => (fault.Kind, fault.Target)).Distinct().Count());

    [Fact]
    public void Of_AnySeed_NeverKillsTheEmulator() => Assert.DoesNotContain(FaultPlan.Of(7, TimeSpan.FromHours(1)), fault => fault.Target == "pubsub");
}
