using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using SegOps.PubSub.Telemetry;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Ingestor;

/// <summary>
/// Two ingestors during outages that last many times as long as a message may be held. The times are shortened to a 150th, except for the
/// emulator's shortest lease of 10 s.
/// </summary>
[Trait("Stage", "long")]
public sealed class LongOutageTests(PubSubEmulatorFixture pubSub, ClickHouseFixture clickHouse)
{
    private const int Messages = 300;

    private static readonly string[] Shortened =
    [
        "PubSub:Subscriber:MaxExtension=00:00:02", "PubSub:Subscriber:AckDeadline=00:00:10", "PubSub:Subscriber:ExtendBefore=00:00:05",
        "PauseAfter=00:00:00.5", "RetryDelay=00:00:00.020", "MaxRetryDelay=00:00:00.200", "ShutdownGrace=00:00:00",
    ];

    private readonly List<MetricCollector<int>> _attempts = [];
    private volatile bool _isAvailable = true;
    private string _project = null!;

    [Fact(Explicit = true)]
    public async Task Outage_WithRestarts_StoresAllWithAttemptsInSingleDigits()
    {
        using var tables = await clickHouse.NewTablesAsync();
        await using var front = await FrontAsync(tables);
        await using var one = await StartAsync(front, tables);
        var other = await StartAsync(front, tables);
        _isAvailable = false;

        await PublishAsync(one);
        foreach (var _ in Enumerable.Range(0, 3))
        {
            await Task.Delay(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
            await other.DisposeAsync();
            other = await StartAsync(front, tables);
        }
        _isAvailable = true;

        await AssertAllStoredAsync(one);
        await other.DisposeAsync();
    }

    [Fact(Explicit = true)]
    public async Task Outage_ThatEndsForASecondNowAndThen_StoresAllWithAttemptsInSingleDigits()
    {
        using var tables = await clickHouse.NewTablesAsync();
        await using var front = await FrontAsync(tables);
        await using var one = await StartAsync(front, tables);
        await using var other = await StartAsync(front, tables);
        _isAvailable = false;

        var publishing = PublishAsync(one);
        foreach (var _ in Enumerable.Range(0, 10))
        {
            await Task.Delay(TimeSpan.FromSeconds(6), TestContext.Current.CancellationToken);
            _isAvailable = true;
            await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
            _isAvailable = false;
        }
        await publishing;
        _isAvailable = true;

        await AssertAllStoredAsync(one);
    }

    private Task<ClickHouseFront> FrontAsync(WarehouseTables tables) => ClickHouseFront.StartAsync(tables.ConnectionString, (_, context, handOn) =>
    {
        if (_isAvailable)
            return handOn();
        context.Abort();
        return Task.CompletedTask;
    });

    private async Task<IngestorHost> StartAsync(ClickHouseFront front, WarehouseTables tables)
    {
        _project ??= await pubSub.NewProjectAsync();
        var host = await IngestorHost.StartAsync(_project, front.Before(tables.ConnectionString), Shortened);
        _attempts.Add(new(host.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), PubSubTelemetry.Name, "segops.pubsub.subscriber.delivery_attempts"));
        return host;
    }

    private static async Task PublishAsync(IngestorHost host)
    {
        for (var i = 0; i < Messages; i++)
            await host.PublishAsync(Rows.Event($"user-{i}"));
    }

    private async Task AssertAllStoredAsync(IngestorHost host)
    {
        await host.AnswersAsync($"{Messages}", "SELECT uniqExact(user_id) FROM events WHERE project_id = 'prj_1'");
        Assert.Equal($"{Messages}", await host.AskAsync("SELECT count() FROM events FINAL WHERE project_id = 'prj_1'"));
        Assert.Equal("0", await host.AskAsync("SELECT count() FROM dead_letters"));
        var attempts = _attempts.SelectMany(each => each.GetMeasurementSnapshot()).Max(measurement => measurement.Value);
        TestContext.Current.TestOutputHelper?.WriteLine($"Most delivery attempts of a message: {attempts}.");
        Assert.InRange(attempts, 2, 9);
    }
}
