using System.Text;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.PubSub;
using SegOps.Tests.Unit.Ingestor;

namespace SegOps.Tests.Integration.Ingestor;

public sealed class DeadLetterTests(PubSubEmulatorFixture pubSub, ClickHouseFixture clickHouse)
{
    private static readonly string NotATime = Rows.Event("bad", occurredAt: "the day before yesterday");

    [Fact]
    public async Task Row_ClickHouseRefuses_IsDeadLetteredAlone()
    {
        await using var host = await StartAsync();
        await host.PublishAsync(Rows.Event("good-1"));
        await host.PublishAsync(Rows.Event("good-2"), NotATime, Rows.Event("good-3"));
        await host.PublishAsync(Rows.Event("good-4"));

        await host.AnswersAsync("1", "SELECT count() FROM dead_letters");

        await host.AnswersAsync("good-1,good-2,good-3,good-4", "SELECT arrayStringConcat(arraySort(groupArray(user_id)), ',') FROM events FINAL WHERE project_id = 'prj_1'");
        Assert.Equal(NotATime + "\n", await host.AskAsync("SELECT raw FROM dead_letters"));
    }

    [Fact]
    public async Task Row_ClickHouseRefuses_IsDeadLetteredWithTheReason()
    {
        var id = Guid.NewGuid();
        await using var host = await StartAsync();
        await host.PublishAsync(Rows.Event(occurredAt: "never", id: id));

        await host.AnswersAsync("1", $"SELECT count() FROM dead_letters WHERE event_id = '{id}' AND source_table = 'events' AND project_id = 'prj_1'");

        Assert.Matches("^clickhouse_[1-9][0-9]*$", await host.AskAsync("SELECT code FROM dead_letters"));
        Assert.StartsWith("Code: ", await host.AskAsync("SELECT message FROM dead_letters"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(EventColumns.ProjectId)]
    [InlineData(EventColumns.Environment)]
    [InlineData(EventColumns.EventId)]
    [InlineData(EventColumns.EventType)]
    [InlineData(EventColumns.UserId)]
    [InlineData(EventColumns.OccurredAt)]
    [InlineData(EventColumns.ReceivedAt)]
    public async Task Row_LacksAColumn_IsDeadLetteredAndNotFilledUp(string column)
    {
        await using var host = await StartAsync();

        await host.PublishAsync(Rows.Event(change: row => row.Remove(column)));

        await host.AnswersAsync("1", "SELECT count() FROM dead_letters");
        Assert.Equal("0", await host.AskAsync("SELECT count() FROM events WHERE project_id = 'prj_1'"));
    }

    [Fact]
    public async Task Row_HoldsAnUnknownColumn_IsStoredWithoutIt()
    {
        await using var host = await StartAsync();

        await host.PublishAsync(Rows.Event(change: row => row["of_a_newer_build"] = 1));

        await host.AnswersAsync("1", "SELECT count() FROM events");
    }

    [Fact]
    public async Task Message_OfGarbage_IsDeadLetteredWholeWithItsAttributes()
    {
        byte[] garbage = [0, 255, .. Encoding.UTF8.GetBytes("garbage"), 128];
        await using var host = await StartAsync();
        await host.PublishAsync(Rows.Event("good"));
        await host.PublishAsync(Streams.EventsTopic, garbage, Messages.Attributes(1));

        await host.AnswersAsync("corrupt_data", "SELECT any(code) FROM dead_letters");

        Assert.Equal(Convert.ToHexString(garbage), await host.AskAsync("SELECT hex(raw) FROM dead_letters"));
        Assert.Equal("1", await host.AskAsync($"SELECT attributes['{MessageAttributes.Count}'] FROM dead_letters"));
        await host.AnswersAsync("1", "SELECT count() FROM events");
    }

    [Fact]
    public async Task Message_WithoutAttributes_IsDeadLetteredWhole()
    {
        await using var host = await StartAsync();

        await host.PublishAsync(Streams.EventsTopic, Messages.Pack(Rows.Event()), []);

        await host.AnswersAsync("unknown_schema", "SELECT any(code) FROM dead_letters");
        Assert.Equal("0", await host.AskAsync("SELECT count() FROM events WHERE project_id = 'prj_1'"));
    }

    [Fact]
    public async Task Rows_AllRefused_AreDeadLetteredEach()
    {
        await using var host = await StartAsync();

        await host.PublishAsync([.. Enumerable.Range(0, 20).Select(i => Rows.Event($"bad-{i}", occurredAt: "never"))]);

        await host.AnswersAsync("20", "SELECT uniqExact(dead_letter_id) FROM dead_letters FINAL");
        Assert.Equal("0", await host.AskAsync("SELECT count() FROM events WHERE project_id = 'prj_1'"));
    }

    /// <summary>As when an operator adds a constraint that is wrong.</summary>
    [Fact]
    public async Task Row_TableRefusesEveryRow_IsHeldUntilTheTableIsCorrected()
    {
        using var tables = await clickHouse.NewTablesAsync();
        await using var host = await IngestorHost.StartAsync(
            await pubSub.NewProjectAsync(), tables.ConnectionString, "RetryDelay=00:00:00.020", "MaxRetryDelay=00:00:00.200");
        await host.RunningAsync();
        await tables.ExecuteAsync("ALTER TABLE events ADD CONSTRAINT wrong CHECK user_id = ''");
        await host.PublishAsync(Rows.Event("held"));
        await Eventually.TrueAsync(
            () => host.Status.Reason?.Contains("VIOLATED_CONSTRAINT", StringComparison.Ordinal) == true, "the ingestor names the constraint");

        await tables.ExecuteAsync("ALTER TABLE events DROP CONSTRAINT wrong");

        await host.AnswersAsync("1", "SELECT count() FROM events WHERE user_id = 'held'");
        Assert.Equal("0", await host.AskAsync("SELECT count() FROM dead_letters"));
    }

    [Fact]
    public async Task Row_ClickHouseRefuses_IsComparedWithARowThatNoCustomerSees()
    {
        await using var host = await StartAsync();

        await host.PublishAsync(NotATime);
        await host.AnswersAsync("1", "SELECT count() FROM dead_letters");

        Assert.Equal(
            $"{Canary.ProjectId} {Environments.Test}", await host.AskAsync("SELECT DISTINCT concat(project_id, ' ', environment) FROM events"));
        Assert.Equal("0", await host.AskAsync("SELECT count() FROM receipts"));
    }

    [Fact]
    public async Task DeadLetterTopic_Message_IsDeadLetteredWholeWithItsProject()
    {
        await using var host = await StartAsync();
        var data = Messages.Pack(Rows.Event("given-up"));

        await host.PublishAsync(Streams.EventsDeadLetterTopic, data, Messages.Attributes(1));

        await host.AnswersAsync("1", "SELECT count() FROM dead_letters WHERE code = 'delivery_attempts_exhausted' AND source_table = 'events'");
        Assert.Equal(Convert.ToHexString(data.Span), await host.AskAsync("SELECT hex(raw) FROM dead_letters"));
        Assert.Equal("prj_1 live", await host.AskAsync("SELECT concat(project_id, ' ', environment) FROM dead_letters"));
        Assert.Equal("0", await host.AskAsync("SELECT count() FROM events"));
    }

    /// <summary>The emulator gives it up as the service does.</summary>
    [Fact]
    public async Task Message_NackedAHundredTimes_IsDeadLettered()
    {
        var project = await pubSub.NewProjectAsync();
        await using (var other = new PubSubHost(project))
        {
            await using var reader = new Reader(other);
            await other.PublishAsync("given up");
            for (var delivery = 0; delivery < Streams.MaxDeliveryAttempts; delivery++)
                Assert.Single(await reader.TakeAsync(1)).Nack();
            await other.Subscriber.FlushAsync(TestContext.Current.CancellationToken);
        }

        await using var host = await IngestorHost.StartAsync(project, await clickHouse.NewTablesAsync());

        await host.RunningAsync();
        await host.AnswersAsync("given up", "SELECT any(raw) FROM dead_letters WHERE code = 'delivery_attempts_exhausted'");
    }

    [Fact]
    public async Task RejectionsDeadLetterTopic_Message_IsDeadLetteredForItsTable()
    {
        await using var host = await StartAsync();

        await host.PublishAsync(
            Streams.RejectionsDeadLetterTopic, Messages.Pack(Rows.Rejection("required", TimeProvider.System.GetUtcNow())), Messages.Attributes(1));

        await host.AnswersAsync("1", "SELECT count() FROM dead_letters WHERE code = 'delivery_attempts_exhausted' AND source_table = 'ingestion_errors'");
    }

    [Fact]
    public async Task ReceivedDeadLetterTopic_Message_IsDeadLetteredForItsTable()
    {
        await using var host = await StartAsync();

        await host.PublishAsync(Streams.ReceivedDeadLetterTopic, Messages.Pack(Rows.Counts(accepted: 7)), Messages.Attributes(1));

        await host.AnswersAsync("1", "SELECT count() FROM dead_letters WHERE code = 'delivery_attempts_exhausted' AND source_table = 'received'");
    }

    [Fact]
    public async Task Counts_ClickHouseRefuses_AreDeadLetteredAlone()
    {
        await using var host = await StartAsync();

        await host.PublishAsync(
            Streams.ReceivedTopic, Messages.Pack([Rows.Counts(accepted: 7), Rows.Counts(accepted: 8, id: Guid.Empty)]), Messages.Attributes(2));

        await host.AnswersAsync("1", "SELECT count() FROM dead_letters WHERE source_table = 'received' AND position(raw, '8') > 0");
        Assert.Equal("7", await host.AskAsync("SELECT sum(count.3) FROM received FINAL ARRAY JOIN counts AS count"));
    }

    private async Task<IngestorHost> StartAsync()
    {
        var host = await IngestorHost.StartAsync(await pubSub.NewProjectAsync(), await clickHouse.NewTablesAsync());
        await host.RunningAsync();
        return host;
    }
}
