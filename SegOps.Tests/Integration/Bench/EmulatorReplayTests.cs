using SegOps.Bench.Chaos;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.PubSub;

namespace SegOps.Tests.Integration.Bench;

/// <summary>What the chaos test's conclusion stands on: a replay must not bring back what was acked, or it would hide a loss.</summary>
public sealed class EmulatorReplayTests(PubSubEmulatorFixture pubSub)
{
    [Fact]
    public async Task Run_OneMessageAckedAndOneNot_DeliversTheOtherOnly()
    {
        var began = TimeProvider.System.GetUtcNow();
        var project = await pubSub.NewProjectAsync();
        await using (var host = new PubSubHost(project))
        {
            await using var reader = new Reader(host);
            await host.PublishAsync("acked");
            (await reader.TakeAsync(1)).Single().Ack();
            await host.PublishAsync("held");
            await reader.TakeAsync(1);
        }

        await EmulatorReplay.RunAsync(project, began, TestContext.Current.CancellationToken);

        await using var later = new PubSubHost(project);
        await using var second = new Reader(later);
        await later.PublishAsync("last");
        Assert.Equal(["held", "last"], (await second.TakeAsync(2)).Select(PubSubHost.Text).Order());
    }
}
