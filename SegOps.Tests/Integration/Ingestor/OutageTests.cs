using SegOps.Ingestor.Health;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Fixtures.Servers;

namespace SegOps.Tests.Integration.Ingestor;

/// <summary>With a ClickHouse of their own, since they take it away.</summary>
public sealed class OutageTests(PubSubEmulatorFixture pubSub) : IAsyncLifetime
{
    private static readonly string[] Quick = ["RetryDelay=00:00:00.020", "MaxRetryDelay=00:00:00.200"];

    private readonly TemporaryFolder _data = new();
    private ClickHouseServer _clickHouse = null!;

    public async ValueTask InitializeAsync() => _clickHouse = await ClickHouseServer.StartAsync(_data.Path);

    public async ValueTask DisposeAsync()
    {
        await _clickHouse.DisposeAsync();
        _data.Dispose();
    }

    [Fact]
    public async Task ClickHouseAway_Backlog_IsHeldAndDrainedAfterwards()
    {
        await using var host = await IngestorHost.StartAsync(await pubSub.NewProjectAsync(), _clickHouse.ConnectionString, Quick);
        await host.RunningAsync();
        await _clickHouse.Server.StopAsync();

        for (var i = 0; i < 20; i++)
            await host.PublishAsync(Rows.Event($"user-{i}"), Rows.Event($"user-{i}"));
        await Eventually.TrueAsync(() => host.Status is { Phase: IngestorPhase.Running, Reason: not null }, "the ingestor says that it holds messages");
        await _clickHouse.Server.StartAsync(TestContext.Current.CancellationToken);

        await host.AnswersAsync("40", "SELECT count() FROM events FINAL");
        Assert.Equal("0", await host.AskAsync("SELECT count() FROM dead_letters"));
        await host.RunningAsync();
    }

    [Fact]
    public async Task ClickHouseAwayUntilShutdown_Messages_WereNotAcked()
    {
        var project = await pubSub.NewProjectAsync();
        await using (var first = await IngestorHost.StartAsync(project, _clickHouse.ConnectionString, [.. Quick, "ShutdownGrace=00:00:00"]))
        {
            await first.RunningAsync();
            await _clickHouse.Server.StopAsync();
            await first.PublishAsync(Rows.Event("survivor"));
            await Eventually.TrueAsync(() => first.Status.Reason is not null, "the ingestor says that it holds messages");
        }

        await _clickHouse.Server.StartAsync(TestContext.Current.CancellationToken);
        await using var second = await IngestorHost.StartAsync(project, _clickHouse.ConnectionString);
        await second.RunningAsync();

        await second.AnswersAsync("1", "SELECT count() FROM events WHERE user_id = 'survivor'");
    }

    [Fact]
    public async Task ClickHouseAwayAtStart_Worker_WaitsForIt()
    {
        await _clickHouse.Server.StopAsync();
        await using var host = await IngestorHost.StartAsync(await pubSub.NewProjectAsync(), _clickHouse.ConnectionString, Quick);
        await Eventually.TrueAsync(
            () => host.Status is { Phase: IngestorPhase.Starting, Reason: { } reason } && reason.Contains("reach", StringComparison.Ordinal),
            "the ingestor says that it waits");

        await _clickHouse.Server.StartAsync(TestContext.Current.CancellationToken);

        await host.RunningAsync();
    }

    [Fact]
    public async Task ClickHouseAwayAtStart_Stop_IsNotAFault()
    {
        await _clickHouse.Server.StopAsync();
        await using var host = await IngestorHost.StartAsync(await pubSub.NewProjectAsync(), _clickHouse.ConnectionString, Quick);
        await Eventually.TrueAsync(
            () => host.Status is { Phase: IngestorPhase.Starting, Reason: { } reason } && reason.Contains("reach", StringComparison.Ordinal),
            "the ingestor says that it waits");

        await host.StopAsync();

        Assert.Equal(IngestorPhase.Stopped, host.Status.Phase);
    }

    [Fact]
    public async Task SubscriptionMissingInProduction_Worker_BreaksOffAndSaysWhy()
    {
        await using var host = await IngestorHost.StartAsync(await pubSub.NewProjectAsync(), _clickHouse.ConnectionString, "PubSub:CreateTopology=false");

        await Eventually.TrueAsync(() => host.Status.Phase == IngestorPhase.Faulted, "the worker breaks off");

        Assert.Contains(nameof(SegOps.PubSub.Subscribing.SubscriptionException), host.Status.Reason, StringComparison.Ordinal);
    }
}
