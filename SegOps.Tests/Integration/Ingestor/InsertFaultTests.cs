using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Unit.Ingestor;

namespace SegOps.Tests.Integration.Ingestor;

/// <summary>What the ingestor makes of single inserts that fail, with the real ClickHouse behind.</summary>
public sealed class InsertFaultTests(PubSubEmulatorFixture pubSub, ClickHouseFixture clickHouse)
{
    /// <summary>Known-good rows belong to the canaries' project.</summary>
    private const string Customers = "project_id = 'prj_1'";

    private static readonly string[] Quick = ["RetryDelay=00:00:00.020", "MaxRetryDelay=00:00:00.200"];

    [Theory]
    [InlineData(202)] // TOO_MANY_SIMULTANEOUS_QUERIES
    [InlineData(241)] // MEMORY_LIMIT_EXCEEDED
    [InlineData(252)] // TOO_MANY_PARTS
    public async Task Insert_ClickHouseIsOverloaded_IsRepeatedUntilItsRowsAreStored(int code)
    {
        using var tables = await clickHouse.NewTablesAsync();
        await using var front = await ClickHouseFront.StartAsync(
            tables.ConnectionString, (number, context, handOn) => number <= 3 ? ClickHouseFront.RefuseAsync(context, code) : handOn());
        await using var host = await StartAsync(front.Before(tables.ConnectionString));

        await host.PublishAsync(Rows.Event("patient"));

        await host.AnswersAsync("1", "SELECT count() FROM events");
    }

    [Fact]
    public async Task Insert_ClickHouseIsOverloaded_DeadLettersNothing()
    {
        using var tables = await clickHouse.NewTablesAsync();
        await using var front = await ClickHouseFront.StartAsync(
            tables.ConnectionString, (number, context, handOn) => number <= 3 ? ClickHouseFront.RefuseAsync(context, 252) : handOn());
        await using var host = await StartAsync(front.Before(tables.ConnectionString));

        await host.PublishAsync(Rows.Event("patient"));
        await host.AnswersAsync("1", "SELECT count() FROM events");

        Assert.Equal("0", await host.AskAsync("SELECT count() FROM dead_letters"));
    }

    [Fact]
    public async Task Insert_AnswerLost_IsRepeatedAndStoredOnce()
    {
        using var tables = await clickHouse.NewTablesAsync();
        await using var front = await ClickHouseFront.StartAsync(tables.ConnectionString, async (number, context, handOn) =>
        {
            await handOn();
            if (number == 1)
                context.Abort();
        });
        await using var host = await StartAsync(front.Before(tables.ConnectionString));

        await host.PublishAsync(Rows.Event("once"), Rows.Event("once"));
        await host.PublishAsync(Rows.Event("later"));
        await host.AnswersAsync("1", "SELECT count() FROM events WHERE user_id = 'later'");

        Assert.Equal("2", await host.AskAsync("SELECT count() FROM events WHERE user_id = 'once'"));
    }

    [Fact]
    public async Task Insert_ClickHouseNeverAnswers_IsRepeatedAfterItsDeadline()
    {
        using var tables = await clickHouse.NewTablesAsync();
        await using var front = await ClickHouseFront.StartAsync(
            tables.ConnectionString, (number, context, handOn) => number == 1 ? Task.Delay(Timeout.Infinite, context.RequestAborted) : handOn());
        await using var host = await StartAsync(front.Before(tables.ConnectionString), "InsertTimeout=00:00:05");

        await host.PublishAsync(Rows.Event("patient"));

        await host.AnswersAsync("1", "SELECT count() FROM events");
    }

    [Theory]
    [InlineData(49)] // LOGICAL_ERROR
    [InlineData(75)] // CANNOT_WRITE_TO_FILE_DESCRIPTOR
    [InlineData(76)] // CANNOT_OPEN_FILE
    [InlineData(246)] // CORRUPTED_DATA
    [InlineData(1001)] // STD_EXCEPTION
    [InlineData(99_999)]
    [InlineData(469)] // VIOLATED_CONSTRAINT, of a constraint that no row satisfies
    public async Task Insert_ServerRefusesEveryRow_IsHeldUntilItAcceptsThem(int code)
    {
        using var tables = await clickHouse.NewTablesAsync();
        await using var front = await ClickHouseFront.StartAsync(
            tables.ConnectionString, (number, context, handOn) => number <= 40 ? ClickHouseFront.RefuseAsync(context, code) : handOn());
        await using var host = await StartAsync(front.Before(tables.ConnectionString));

        await host.PublishAsync([.. Enumerable.Range(0, 8).Select(i => Rows.Event($"patient-{i}"))]);
        await host.AnswersAsync("8", $"SELECT count() FROM events FINAL WHERE {Customers}");

        Assert.Equal("0", await host.AskAsync("SELECT count() FROM dead_letters"));
    }

    [Fact]
    public async Task Insert_ServerFailsWhileTheFaultyRowIsSought_DeadLettersThatRowAlone()
    {
        using var tables = await clickHouse.NewTablesAsync();
        await using var front = await ClickHouseFront.StartAsync(
            tables.ConnectionString, (number, context, handOn) => number is 2 or 3 or 5 or 8 or 13 or 21 ? ClickHouseFront.RefuseAsync(context, 1001) : handOn());
        await using var host = await StartAsync(front.Before(tables.ConnectionString));

        await host.PublishAsync([Rows.Event("bad", occurredAt: "never"), .. Enumerable.Range(0, 30).Select(i => Rows.Event($"good-{i}"))]);
        await host.AnswersAsync("30", $"SELECT count() FROM events FINAL WHERE {Customers}");

        await host.AnswersAsync("1", "SELECT count() FROM dead_letters FINAL");
    }

    [Fact]
    public async Task Insert_OneFaultyRowAmongMany_TakesAFewInsertsALevel()
    {
        const int Count = 64, Levels = 6, KnownGoodRows = 5, FaultyRowAgain = 3;
        using var tables = await clickHouse.NewTablesAsync();
        await using var front = await ClickHouseFront.StartAsync(tables.ConnectionString, (_, _, handOn) => handOn());
        await using var host = await StartAsync(front.Before(tables.ConnectionString));

        await host.PublishAsync([.. Enumerable.Range(0, Count).Select(i => Rows.Event($"row-{i}", occurredAt: i == 0 ? "never" : "2026-01-02 03:04:05"))]);
        await host.AnswersAsync("1", "SELECT count() FROM dead_letters");

        Assert.InRange(front.Inserts, 1, 1 + (2 * Levels) + KnownGoodRows + FaultyRowAgain);
    }

    [Fact]
    public async Task Insert_EventsFail_RejectionsAreStored()
    {
        using var tables = await clickHouse.NewTablesAsync();
        await using var front = await ClickHouseFront.StartAsync(tables.ConnectionString, (_, context, _) => ClickHouseFront.RefuseAsync(context, 243));
        await using var host = await StartAsync(front.Before(tables.ConnectionString));
        await host.PublishAsync(Rows.Event("held"));
        await Eventually.TrueAsync(() => host.Status.Reason is not null, "the ingestor says that it holds messages");

        await host.PublishAsync(
            Streams.RejectionsTopic, Messages.Pack(Rows.Rejection("required", TimeProvider.System.GetUtcNow())), Messages.Attributes(1));

        await host.AnswersAsync("1", "SELECT count() FROM ingestion_errors WHERE code = 'required'");
    }

    /// <summary>As when the network between one instance and ClickHouse fails.</summary>
    [Fact]
    public async Task Insert_OnlyThisInstanceFails_AnotherStoresWhatItGivesBack()
    {
        using var tables = await clickHouse.NewTablesAsync();
        await using var front = await ClickHouseFront.StartAsync(tables.ConnectionString, (_, context, _) => ClickHouseFront.RefuseAsync(context, 243));
        var project = await pubSub.NewProjectAsync();
        await using var failing = await IngestorHost.StartAsync(
            project, front.Before(tables.ConnectionString), [.. Quick, "PauseAfter=00:00:00.1", "PubSub:Subscriber:MaxExtension=00:00:01"]);
        await failing.RunningAsync();
        await failing.PublishAsync(Rows.Event("given-back"));
        await Eventually.TrueAsync(() => failing.Status.Reason is not null, "the ingestor says that it holds messages");

        await using var working = await IngestorHost.StartAsync(project, tables.ConnectionString, Quick);
        await working.AnswersAsync("1", "SELECT count() FROM events WHERE user_id = 'given-back'");
        foreach (var i in Enumerable.Range(0, 20))
            await working.PublishAsync(Rows.Event($"later-{i}"));

        await working.AnswersAsync("20", "SELECT count() FROM events FINAL WHERE user_id LIKE 'later-%'");
    }

    private async Task<IngestorHost> StartAsync(string clickHouse, params string[] settings)
    {
        var host = await IngestorHost.StartAsync(await pubSub.NewProjectAsync(), clickHouse, [.. Quick, .. settings]);
        await host.RunningAsync();
        return host;
    }
}
