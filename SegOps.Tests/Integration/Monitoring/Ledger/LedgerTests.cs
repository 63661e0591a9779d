using System.Net;
using SegOps.Contracts;
using SegOps.Monitoring.Pipeline;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Monitoring.Ledger;

/// <summary>What the ledger says of one project.</summary>
public sealed class LedgerTests(ClickHouseFixture clickHouse)
{
    /// <summary>Longer than the patience and a minute, so that the test's own minute is settled.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(7);

    [Fact]
    public async Task Ledger_AllStored_IsBalanced()
    {
        await using var ledger = await LedgerUnderTest.StartAsync(clickHouse);
        await ledger.CountAsync("p", accepted: 2, rejected: 1);
        await ledger.Tables.AddEventsAsync("p", ledger.Now, 1);
        await ledger.Tables.AddEventsAsync("p", ledger.Now.AddMicroseconds(1), 1);

        var answer = await ledger.ReadAsync("p");

        Assert.Equal("received 3, stored 2, rejected 1", LedgerUnderTest.Totals(answer));
        Assert.Equal("balanced", answer.GetProperty("state").GetString());
    }

    [Fact]
    public async Task Ledger_InsertedTwice_IsStoredOnce()
    {
        await using var ledger = await LedgerUnderTest.StartAsync(clickHouse);
        await ledger.CountAsync("p", accepted: 1);
        var id = await ledger.Tables.AddEventAsync("p", ledger.Now);
        await ledger.Tables.AddEventAsync("p", ledger.Now, eventId: id);

        Assert.Equal("received 1, stored 1", await ledger.TotalsAsync("p"));
    }

    [Fact]
    public async Task Ledger_SentAgainByTheClient_IsADuplicate()
    {
        await using var ledger = await LedgerUnderTest.StartAsync(clickHouse);
        await ledger.CountAsync("p", accepted: 2);
        var id = await ledger.Tables.AddEventAsync("p", ledger.Now);
        await ledger.Tables.AddEventAsync("p", ledger.Now.AddMicroseconds(1), eventId: id);

        Assert.Equal("received 2, stored 1, duplicates 1", await ledger.TotalsAsync("p"));
    }

    [Fact]
    public async Task Ledger_SentAgainInAnotherQuarter_IsADuplicateThere()
    {
        await using var ledger = await LedgerUnderTest.StartAsync(clickHouse);
        var first = ledger.Now.AddMinutes(-20);
        await ledger.CountAsync("p", accepted: 1);
        await ledger.CountAsync("p", accepted: 1, at: first);
        var id = await ledger.Tables.AddEventAsync("p", ledger.Now);
        await ledger.Tables.AddEventAsync("p", first, eventId: id);

        var answer = await ledger.ReadAsync("p");

        Assert.Equal("received 2, stored 1, duplicates 1", LedgerUnderTest.Totals(answer));
        Assert.Equal(
            new DateTime(first.Ticks - first.Ticks % TimeSpan.TicksPerMinute, DateTimeKind.Utc),
            answer.GetProperty("minutes").EnumerateArray().Single(minute => minute.GetProperty("stored").GetInt32() > 0).GetProperty("at").GetDateTime());
    }

    [Fact]
    public async Task Ledger_DeadLettered_IsAccountedFor()
    {
        await using var ledger = await LedgerUnderTest.StartAsync(clickHouse);
        await ledger.CountAsync("p", accepted: 1);
        var row = Guid.NewGuid();
        await ledger.DeadLetterAsync("p", Guid.NewGuid(), row);
        await ledger.DeadLetterAsync("p", Guid.NewGuid(), row); // published twice

        Assert.Equal("received 1, dead_lettered 1", await ledger.TotalsAsync("p", Settled));
    }

    [Fact]
    public async Task Ledger_WholeMessageDeadLettered_CountsItsEvents()
    {
        await using var ledger = await LedgerUnderTest.StartAsync(clickHouse);
        await ledger.CountAsync("p", accepted: 3);
        await ledger.DeadLetterAsync("p", Guid.NewGuid(), row: null, events: 3);

        Assert.Equal("received 3, dead_lettered 3", await ledger.TotalsAsync("p", Settled));
    }

    [Fact]
    public async Task Ledger_DeadLetterReplayed_IsStored()
    {
        await using var ledger = await LedgerUnderTest.StartAsync(clickHouse);
        await ledger.CountAsync("p", accepted: 1);
        var (letter, row) = (Guid.NewGuid(), Guid.NewGuid());
        await ledger.DeadLetterAsync("p", letter, row);

        await ledger.Tables.AddEventAsync("p", ledger.Now, eventId: row);
        await ledger.ReplayedAsync("p", letter);

        Assert.Equal("received 1, stored 1", await ledger.TotalsAsync("p", Settled));
    }

    [Fact]
    public async Task Ledger_DeadLetterOfAnEventThatIsStored_CountsAsStored()
    {
        await using var ledger = await LedgerUnderTest.StartAsync(clickHouse);
        await ledger.CountAsync("p", accepted: 1);
        await ledger.DeadLetterAsync("p", Guid.NewGuid(), await ledger.Tables.AddEventAsync("p", ledger.Now));

        Assert.Equal("received 1, stored 1", await ledger.TotalsAsync("p", Settled));
    }

    [Fact]
    public async Task Ledger_NotStoredYet_IsInFlight()
    {
        await using var ledger = await LedgerUnderTest.StartAsync(clickHouse);
        await ledger.CountAsync("p", accepted: 2);

        var answer = await ledger.ReadAsync("p");

        Assert.Equal("received 2, in_flight 2", LedgerUnderTest.Totals(answer));
        Assert.Equal("in_flight", answer.GetProperty("state").GetString());
        Assert.False(answer.TryGetProperty("alarm", out _));
    }

    [Fact]
    public async Task Ledger_NotStoredAfterThePatience_IsMissing()
    {
        await using var ledger = await LedgerUnderTest.StartAsync(clickHouse);
        await ledger.CountAsync("p", accepted: 2);
        await ledger.Tables.AddEventAsync("p", ledger.Now);

        var answer = await ledger.ReadAsync("p", Settled);

        Assert.Equal("received 2, stored 1, missing 1", LedgerUnderTest.Totals(answer));
        Assert.Equal("missing", answer.GetProperty("state").GetString());
        Assert.Equal(1, answer.GetProperty("alarm").GetProperty("missing").GetInt32());
    }

    [Fact]
    public async Task Ledger_NotStoredWhileAStageIsDown_StaysInFlight()
    {
        await using var ledger = await LedgerUnderTest.StartAsync(clickHouse);
        await ledger.SetStagesAsync(new StageResult(StageState.Down, "It is away."));
        await ledger.CountAsync("p", accepted: 2);

        var answer = await ledger.ReadAsync("p", Settled);

        Assert.Equal("received 2, in_flight 2", LedgerUnderTest.Totals(answer));
        Assert.False(answer.TryGetProperty("settled_before", out _));
    }

    [Fact]
    public async Task Ledger_StageDownAfterwards_LeavesMissingWhatWasMissing()
    {
        await using var ledger = await LedgerUnderTest.StartAsync(clickHouse);
        await ledger.CountAsync("p", accepted: 2);
        await ledger.PassAsync(Settled);

        await ledger.SetStagesAsync(new StageResult(StageState.Down, "It is away."));

        Assert.Equal("received 2, missing 2", await ledger.TotalsAsync("p"));
    }

    [Fact]
    public async Task Ledger_IngestionKilledBeforeItTold_IsUncounted()
    {
        await using var ledger = await LedgerUnderTest.StartAsync(clickHouse);
        await ledger.CountAsync("p", accepted: 1);
        await ledger.Tables.AddEventsAsync("p", ledger.Now, 3);

        var answer = await ledger.ReadAsync("p", Settled);

        Assert.Equal("received 3, stored 3, uncounted 2", LedgerUnderTest.Totals(answer));
        Assert.Equal("balanced", answer.GetProperty("state").GetString());
    }

    [Fact]
    public async Task Ledger_CountsOfSeveralInstancesGrow_AddUp()
    {
        await using var ledger = await LedgerUnderTest.StartAsync(clickHouse);
        await ledger.CountAsync("p", accepted: 1);
        await ledger.CountAsync("p", accepted: 2, instance: "other");
        await ledger.PassAsync();

        await ledger.CountAsync("p", accepted: 5);

        Assert.Equal("received 7, in_flight 7", await ledger.TotalsAsync("p"));
    }

    [Fact]
    public async Task Ledger_OfOthers_DoesNotCount()
    {
        await using var ledger = await LedgerUnderTest.StartAsync(clickHouse);
        await ledger.CountAsync("theirs", accepted: 1);
        await ledger.Tables.AddEventAsync("p", ledger.Now, Environments.Test);

        Assert.Equal("", await ledger.TotalsAsync("p"));
    }

    [Theory]
    [InlineData("", 60)]
    [InlineData("?window=1h", 60)]
    [InlineData("?window=24h", 1440)]
    public async Task Ledger_OfAWindow_HasEveryMinute(string query, int minutes)
    {
        await using var ledger = await LedgerUnderTest.StartAsync(clickHouse);

        var answer = await ledger.ReadAsync("p", query: query);

        Assert.Equal(minutes, answer.GetProperty("minutes").GetArrayLength());
        Assert.Equal(TimeSpan.FromMinutes(minutes), answer.GetProperty("to").GetDateTime() - answer.GetProperty("from").GetDateTime());
        Assert.Equal(300, answer.GetProperty("patience_seconds").GetInt32());
    }

    [Fact]
    public async Task Ledger_WrongWindow_IsInvalidParameter()
    {
        await using var monitoring = await MonitoringUnderTest.StartAsync(MonitoringUnderTest.NoWarehouse);

        using var answer = await monitoring.GetAsync("/api/monitoring/ledger?window=7d", "p");

        await ProblemAnswer.ReadAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidParameter, answer);
    }
}
