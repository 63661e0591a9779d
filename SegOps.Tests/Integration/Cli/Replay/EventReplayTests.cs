using System.Globalization;
using SegOps.Cli.Replay;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.Ingestor;

namespace SegOps.Tests.Integration.Cli.Replay;

public sealed class EventReplayTests(PubSubEmulatorFixture pubSub, ClickHouseFixture clickHouse) : IAsyncLifetime
{
    /// <summary>Lately, for receipts are kept for 9 days only.</summary>
    private static readonly DateTimeOffset From = TimeProvider.System.GetUtcNow().AddHours(-3);

    private IngestorHost _host = null!;
    private ReplayTool _tool = null!;

    public async ValueTask InitializeAsync()
    {
        var (project, tables) = (await pubSub.NewProjectAsync(), await clickHouse.NewTablesAsync());
        _tool = new(project, tables.ConnectionString);
        _host = await IngestorHost.StartAsync(project, tables);
        await _host.RunningAsync();
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Range_PublishedAgain_CountsNothingTwice()
    {
        await StoreAsync();
        var before = await FiguresAsync();

        var replayed = await _tool.RunAsync(Range(From));
        await StoredSinceAsync();

        Assert.Equal((ReplayStatus.Done, "Published 4 events."), (replayed.Status, replayed.Out.Trim()));
        Assert.Equal(before, await FiguresAsync());
    }

    [Fact]
    public async Task Range_PublishedAgain_IsTheSameRows()
    {
        await StoreAsync();
        const string all = "SELECT hex(groupArray(tuple(* EXCEPT ingested_at))::String) FROM (SELECT * FROM events FINAL ORDER BY event_id)";
        var before = await _host.AskAsync(all);

        await _tool.RunAsync(Range(From));
        await StoredSinceAsync();

        Assert.Equal(before, await _host.AskAsync(all));
    }

    /// <summary>All received at the same moment, so that only their ids tell where the next page begins.</summary>
    [Fact]
    public async Task Range_OfMoreThanAPage_PublishesEachEventOnce()
    {
        var within = Column(From.AddMinutes(1));
        for (var message = 0; message < 11; message++)
            await _host.PublishAsync([.. Enumerable.Range(0, 500).Select(i => Rows.Event($"user-{i}", receivedAt: within))]);
        await _host.AnswersAsync("5500", "SELECT count() FROM recent_events");

        Assert.Equal("Published 5,500 events.", (await _tool.RunAsync(Range(From))).Out.Trim());

        await _host.AnswersAsync("11000", "SELECT count() FROM recent_events");
        Assert.Equal("2", await _host.AskAsync("SELECT max(copies) FROM (SELECT count() AS copies FROM recent_events GROUP BY event_id)"));
    }

    [Fact]
    public async Task Range_OfAnotherTime_PublishesNothing()
    {
        await StoreAsync();

        Assert.Equal("Published 0 events.", (await _tool.RunAsync(Range(From.AddHours(2)))).Out.Trim());
    }

    [Fact]
    public async Task DryRun_SaysHowManyAndPublishesNone()
    {
        await StoreAsync();

        Assert.Equal("Would publish 4 events.", (await _tool.RunAsync(Range(From) + " --dry-run")).Out.Trim());

        await _host.PublishAsync(Rows.Event("later"));
        await _host.AnswersAsync("1", "SELECT count() FROM events WHERE user_id = 'later'");
        Assert.Equal("6", await _host.AskAsync("SELECT count() FROM events"));
    }

    [Fact]
    public async Task ClickHouseCannotBeReached_EndsWithUnavailable()
    {
        var result = await new ReplayTool("ProjectId=none;Endpoint=http://127.0.0.1:1", "Host=127.0.0.1;Port=1").RunAsync(Range(From));

        Assert.Equal(ReplayStatus.Unavailable, result.Status);
        Assert.Contains("ClickHouse cannot be reached", result.Error, StringComparison.Ordinal);
    }

    private static string Range(DateTimeOffset from) =>
        $"replay-events --project prj_1 --environment live --from {CommonOptions.Text(from)} --to {CommonOptions.Text(from.AddHours(1))}";

    /// <summary>Four events of the hour, one of them with all that JSON can hold, and one that was received later.</summary>
    private async Task StoreAsync()
    {
        var within = Column(From.AddMinutes(1));
        await _host.PublishAsync(
            Rows.Event("a", receivedAt: within),
            Rows.Event("b", receivedAt: within, payload: """{"text":"Größe \" \\ \u0001 😀 a/b", "big":12345678901234567890.123}"""),
            Rows.Event("c", EventColumns.IdentifyType, "2026-01-02 00:00:00.000000", within, """{"plan":"free"}""", change: row => row[EventColumns.Position] = 7),
            Rows.Event("d", receivedAt: within, change: row => row["sent_at"] = "2026-01-02 03:04:05.500000"),
            Rows.Event("e", receivedAt: Column(From.AddHours(1))));
        await _host.AnswersAsync("5", "SELECT count() FROM recent_events");
        await _host.AnswersAsync("5,1,5", "SELECT concat(count(), ',', (SELECT count() FROM user_traits), ',', (SELECT count() FROM users)) FROM receipts");
    }

    private static string Column(DateTimeOffset time) => time.UtcDateTime.ToString(EventColumns.TimestampFormat, CultureInfo.InvariantCulture);

    private Task StoredSinceAsync() => _host.AnswersAsync("9", "SELECT count() FROM recent_events");

    private Task<string> FiguresAsync() => _host.AskAsync(
        """
        SELECT toString((
            (SELECT uniqExact(event_id) FROM events),
            (SELECT count() FROM events FINAL),
            (SELECT count() FROM receipts FINAL),
            (SELECT count() FROM user_trait_values FINAL),
            (SELECT any(traits) FROM user_traits),
            (SELECT max(last_seen) FROM users)))
        """);
}
