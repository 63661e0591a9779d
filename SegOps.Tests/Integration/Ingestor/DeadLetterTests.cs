using System.Text;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
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

        await host.AnswersAsync("good-1,good-2,good-3,good-4", "SELECT arrayStringConcat(arraySort(groupArray(user_id)), ',') FROM events FINAL");
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
        Assert.Equal("0", await host.AskAsync("SELECT count() FROM events"));
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
        Assert.Equal("0", await host.AskAsync("SELECT count() FROM events"));
    }

    [Fact]
    public async Task Rows_AllRefused_AreDeadLetteredEach()
    {
        await using var host = await StartAsync();

        await host.PublishAsync([.. Enumerable.Range(0, 20).Select(i => Rows.Event($"bad-{i}", occurredAt: "never"))]);

        await host.AnswersAsync("20", "SELECT uniqExact(dead_letter_id) FROM dead_letters FINAL");
        Assert.Equal("0", await host.AskAsync("SELECT count() FROM events"));
    }

    private async Task<IngestorHost> StartAsync()
    {
        var host = await IngestorHost.StartAsync(await pubSub.NewProjectAsync(), await clickHouse.NewTablesAsync());
        await host.RunningAsync();
        return host;
    }
}
