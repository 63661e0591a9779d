using SegOps.Ingestor.Health;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Fixtures.Servers;

namespace SegOps.Tests.Integration.Ingestor;

/// <summary>ClickHouse answers, and fails to write for reasons of its own: no row is blamed.</summary>
public sealed class FullDiskTests(PubSubEmulatorFixture pubSub)
{
    private static readonly string[] Quick = ["RetryDelay=00:00:00.020", "MaxRetryDelay=00:00:00.200"];

    [Fact]
    public Task DataFolder_OutOfInodes_DeadLettersNothingAndStoresAllAfterwards() => StoresAllAfterwardsAsync(disk => disk.FillInodes());

    [Fact]
    public Task DataFolder_OutOfSpace_DeadLettersNothingAndStoresAllAfterwards() => StoresAllAfterwardsAsync(disk => disk.FillSpace());

    private async Task StoresAllAfterwardsAsync(Action<SmallDisk> fill)
    {
        using var disk = SmallDisk.Mount(megabytes: 256, inodes: 20_000);
        await using var clickHouse = await ClickHouseServer.StartAsync(disk.Path, TestContext.Current.CancellationToken);
        await using var host = await IngestorHost.StartAsync(await pubSub.NewProjectAsync(), clickHouse.ConnectionString, Quick);
        await host.RunningAsync();

        fill(disk);
        for (var i = 0; i < 20; i++)
            await host.PublishAsync(Rows.Event($"user-{i}"), Rows.Event($"user-{i}"));
        await Eventually.TrueAsync(
            () => host.Status is { Phase: IngestorPhase.Running, Reason: not null }, "the ingestor says that it holds messages", () => fill(disk));
        disk.Free();

        await host.AnswersAsync("40", "SELECT count() FROM events FINAL WHERE project_id = 'prj_1'");
        Assert.Equal("0", await host.AskAsync("SELECT count() FROM dead_letters"));
    }
}
