using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Unit.Ingestor;

namespace SegOps.Tests.Integration.Ingestor;

public sealed class StoringTests(PubSubEmulatorFixture pubSub, ClickHouseFixture clickHouse)
{
    [Fact]
    public async Task Event_Published_IsStoredAsSent()
    {
        const string payload = """{"total":89.95, "big":12345678901234567890.123,  "text":"Größe \" \\ \u0001 😀"}""";
        await using var host = await StartAsync();

        await host.PublishAsync(Rows.Event("ü-1", "order_placed", "2026-01-02 03:04:05.000006", payload: payload));

        await host.AnswersAsync("1", "SELECT count() FROM events WHERE user_id = 'ü-1' AND event_type = 'order_placed'");
        Assert.Equal(payload, await host.AskAsync("SELECT payload FROM events"));
        Assert.Equal("2026-01-02 03:04:05.000006", await host.AskAsync("SELECT toString(occurred_at) FROM events"));
    }

    [Fact]
    public async Task Events_OfManyMessages_AreAllStored()
    {
        await using var host = await StartAsync("BatchRows=70");

        await Task.WhenAll(Enumerable.Range(0, 100).Select(message =>
            host.PublishAsync([.. Enumerable.Range(0, 10).Select(i => Rows.Event($"user-{message}-{i}"))])));

        await host.AnswersAsync("1000", "SELECT uniqExact(user_id) FROM events FINAL");
        Assert.Equal("1000", await host.AskAsync("SELECT count() FROM events"));
    }

    [Fact]
    public async Task Rejection_Published_IsStoredAsAnIngestionError()
    {
        await using var host = await StartAsync();

        await host.PublishAsync(
            Streams.RejectionsTopic, Messages.Pack(Rows.Rejection("required", TimeProvider.System.GetUtcNow())), Messages.Attributes(1));

        await host.AnswersAsync("1", "SELECT count() FROM ingestion_errors WHERE code = 'required' AND event_index = 3 AND severity = 'error'");
    }

    [Fact]
    public async Task Events_OfThreeHundredMonths_AreStoredInOneGo()
    {
        await using var host = await StartAsync();
        var months = Enumerable.Range(0, 300).Select(month => Rows.Event(occurredAt: $"{2000 + (month / 12)}-{(month % 12) + 1:00}-15 12:00:00.000000"));

        await host.PublishAsync([.. months]);

        await host.AnswersAsync("300", "SELECT uniqExact(toYYYYMM(occurred_at)) FROM events");
        Assert.Equal("0", await host.AskAsync("SELECT count() FROM dead_letters"));
    }

    [Fact]
    public async Task LateEvents_StillCollected_KeepNoFreshEventWaiting()
    {
        await using var host = await StartAsync("LateBatchDelay=00:01:00");
        using var gauge = new OldestUnackedGauge(host.Services, "segops.ingestor.oldest_late.age");
        await host.PublishAsync(Streams.LateEventsTopic, Messages.Pack(Rows.Event("late")), Messages.Attributes(1));
        await Eventually.TrueAsync(() => gauge.Read() > 0, "the late event is held");

        await host.PublishAsync(Rows.Event("fresh"));

        await host.AnswersAsync("fresh", "SELECT arrayStringConcat(groupArray(user_id)) FROM events");
    }

    [Fact]
    public async Task Event_DeliveredByBothLanes_CountsOnceForAReader()
    {
        await using var host = await StartAsync("LateBatchDelay=00:00:00.1");
        var row = Rows.Event("twice");
        await host.PublishAsync(row);
        await host.AnswersAsync("1", "SELECT count() FROM events");

        await host.PublishAsync(Streams.LateEventsTopic, Messages.Pack(row, Rows.Event("once")), Messages.Attributes(2));

        await host.AnswersAsync("2", "SELECT count() FROM events FINAL");
        Assert.Equal("1", await host.AskAsync("SELECT count() FROM events FINAL WHERE user_id = 'twice'"));
    }

    [Fact]
    public async Task Message_DeliveredTwice_CountsOnceForAReader()
    {
        await using var host = await StartAsync();
        string[] rows = [Rows.Event("twice"), Rows.Event("twice")];
        await host.PublishAsync(rows);
        await host.AnswersAsync("2", "SELECT count() FROM events");

        await host.PublishAsync([.. rows, Rows.Event("once")]);

        await host.AnswersAsync("3", "SELECT count() FROM events FINAL");
        Assert.Equal("2", await host.AskAsync("SELECT count() FROM events FINAL WHERE user_id = 'twice'"));
        Assert.Equal("3", await host.AskAsync("SELECT uniqExact(event_id) FROM events"));
    }

    [Fact]
    public async Task Identify_OlderComesLater_KeepsTheLatestTraits()
    {
        await using var host = await StartAsync();
        await host.PublishAsync(Rows.Identify("u", """{"plan":"new"}""", "2026-02-01 00:00:00.000000", "2026-02-01 00:00:01.000000"));
        await host.AnswersAsync("1", "SELECT count() FROM user_traits");

        await host.PublishAsync(Rows.Identify("u", """{"plan":"old"}""", "2026-01-01 00:00:00.000000", "2026-03-01 00:00:00.000000"));
        await host.AnswersAsync("2", "SELECT count() FROM events");

        Assert.Equal("""{"plan":"new"}""", await host.AskAsync("SELECT traits FROM user_traits"));
    }

    /// <summary>Rows of an earlier Ingestion have no position, those of a newer one may have fields that this ingestor does not know.</summary>
    [Fact]
    public async Task Event_OfAnotherVersionOfIngestion_IsStored()
    {
        await using var host = await StartAsync();

        await host.PublishAsync(
            Rows.Event("a"), Rows.Event("b", change: row => row[EventColumns.Position] = 3), Rows.Event("c", change: row => row["newer"] = 1));

        await host.AnswersAsync("a0 b3 c0", "SELECT arrayStringConcat(arraySort(groupArray(concat(user_id, toString(position)))), ' ') FROM events");
    }

    [Fact]
    public async Task Identify_RedeliveredAfterOneOfTheSameTime_DoesNotWin()
    {
        const string time = "2026-02-01 00:00:00.000000";
        await using var host = await StartAsync();
        var first = Rows.Identify("u", """{"plan":"first"}""", time, "2026-02-01 00:00:01.000000");
        await host.PublishAsync(first);
        await host.AnswersAsync("1", "SELECT count() FROM events");
        await host.PublishAsync(Rows.Identify("u", """{"plan":"second"}""", time, "2026-02-01 00:00:02.000000"));
        await host.AnswersAsync("2", "SELECT count() FROM events");

        await host.PublishAsync(first, Rows.Event("other"));
        await host.AnswersAsync("1", "SELECT count() FROM events WHERE user_id = 'other'");

        Assert.Equal("""{"plan":"second"}""", await host.AskAsync("SELECT traits FROM user_traits"));
    }

    [Fact]
    public async Task Stop_BatchStillFilling_StoresItFirst()
    {
        await using var host = await StartAsync("BatchDelay=00:01:00");
        await host.PublishAsync(Rows.Event("last"));
        await HoldsOneAsync(host);

        await host.StopAsync();

        Assert.Equal("1", await host.AskAsync("SELECT count() FROM events WHERE user_id = 'last'"));
    }

    private async Task<IngestorHost> StartAsync(params string[] settings)
    {
        var host = await IngestorHost.StartAsync(await pubSub.NewProjectAsync(), await clickHouse.NewTablesAsync(), settings);
        await host.RunningAsync();
        return host;
    }

    private static async Task HoldsOneAsync(IngestorHost host)
    {
        using var gauge = new OldestUnackedGauge(host.Services);
        await Eventually.TrueAsync(() => gauge.Read() > 0, "the ingestor holds a message");
    }
}
