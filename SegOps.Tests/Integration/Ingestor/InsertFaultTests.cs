using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Ingestor;

/// <summary>What the ingestor makes of single inserts that fail, with the real ClickHouse behind.</summary>
public sealed class InsertFaultTests(PubSubEmulatorFixture pubSub, ClickHouseFixture clickHouse)
{
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

    private async Task<IngestorHost> StartAsync(string clickHouse, params string[] settings)
    {
        var host = await IngestorHost.StartAsync(await pubSub.NewProjectAsync(), clickHouse, [.. Quick, .. settings]);
        await host.RunningAsync();
        return host;
    }
}
