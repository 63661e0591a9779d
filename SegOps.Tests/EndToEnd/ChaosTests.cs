using SegOps.Bench.Chaos;

namespace SegOps.Tests.EndToEnd;

[Collection(EndToEndCollection.Name)]
[Trait("Stage", "long")]
public sealed class ChaosTests
{
    private const int Seed = 20;

    [Fact(Explicit = true)]
    public async Task Chaos_TwoMinutesOfEveryFault_LosesNothingAndCountsNothingTwice()
    {
        var options = new ChaosOptions { Length = TimeSpan.FromMinutes(2), Seed = Seed };

        var holds = await ChaosExperiment.RunAsync(options, TestContext.Current.TestOutputHelper!.WriteLine, TestContext.Current.CancellationToken);

        Assert.True(holds, $"See the output; again: dotnet run --project bench/SegOps.Bench -- chaos --minutes 2 --seed {Seed}");
    }
}
