using System.Net;
using SegOps.Contracts;
using SegOps.Monitoring.Pipeline;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Monitoring.Audit;

/// <summary>The audit of one project.</summary>
public sealed class EventAuditTests(ClickHouseFixture clickHouse)
{
    /// <summary>Longer than the allowed lateness and a minute, so that the watermark passes the test's own minute.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(7);

    [Fact]
    public async Task Audit_AllStored_IsBalanced()
    {
        await using var audit = await EventAuditUnderTest.StartAsync(clickHouse);
        await audit.CountAsync("p", accepted: 2, rejected: 1);
        await audit.Tables.AddEventsAsync("p", audit.Now, 1);
        await audit.Tables.AddEventsAsync("p", audit.Now.AddMicroseconds(1), 1);

        var answer = await audit.ReadAsync("p");

        Assert.Equal("received 3, stored 2, rejected 1", EventAuditUnderTest.Totals(answer));
        Assert.Equal("balanced", answer.GetProperty("state").GetString());
    }

    [Fact]
    public async Task Audit_InsertedTwice_IsStoredOnce()
    {
        await using var audit = await EventAuditUnderTest.StartAsync(clickHouse);
        await audit.CountAsync("p", accepted: 1);
        var id = await audit.Tables.AddEventAsync("p", audit.Now);
        await audit.Tables.AddEventAsync("p", audit.Now, eventId: id);

        Assert.Equal("received 1, stored 1", await audit.TotalsAsync("p"));
    }

    [Fact]
    public async Task Audit_SentAgainByTheClient_IsADuplicate()
    {
        await using var audit = await EventAuditUnderTest.StartAsync(clickHouse);
        await audit.CountAsync("p", accepted: 2);
        var id = await audit.Tables.AddEventAsync("p", audit.Now);
        await audit.Tables.AddEventAsync("p", audit.Now.AddMicroseconds(1), eventId: id);

        Assert.Equal("received 2, stored 1, duplicates 1", await audit.TotalsAsync("p"));
    }

    [Fact]
    public async Task Audit_SentAgainInAnotherBucket_IsADuplicateThere()
    {
        await using var audit = await EventAuditUnderTest.StartAsync(clickHouse);
        var first = audit.Now.AddMinutes(-20);
        await audit.CountAsync("p", accepted: 1);
        await audit.CountAsync("p", accepted: 1, at: first);
        var id = await audit.Tables.AddEventAsync("p", audit.Now);
        await audit.Tables.AddEventAsync("p", first, eventId: id);

        var answer = await audit.ReadAsync("p");

        Assert.Equal("received 2, stored 1, duplicates 1", EventAuditUnderTest.Totals(answer));
        Assert.Equal(
            new DateTime(first.Ticks - first.Ticks % TimeSpan.TicksPerMinute, DateTimeKind.Utc),
            answer.GetProperty("minutes").EnumerateArray().Single(minute => minute.GetProperty("stored").GetInt32() > 0).GetProperty("at").GetDateTime());
    }

    [Fact]
    public async Task Audit_DeadLettered_IsAccountedFor()
    {
        await using var audit = await EventAuditUnderTest.StartAsync(clickHouse);
        await audit.CountAsync("p", accepted: 1);
        var row = Guid.NewGuid();
        await audit.DeadLetterAsync("p", Guid.NewGuid(), row);
        await audit.DeadLetterAsync("p", Guid.NewGuid(), row); // published twice

        Assert.Equal("received 1, dead_lettered 1", await audit.TotalsAsync("p", Settled));
    }

    [Fact]
    public async Task Audit_WholeMessageDeadLettered_CountsItsEvents()
    {
        await using var audit = await EventAuditUnderTest.StartAsync(clickHouse);
        await audit.CountAsync("p", accepted: 3);
        await audit.DeadLetterAsync("p", Guid.NewGuid(), row: null, events: 3);

        Assert.Equal("received 3, dead_lettered 3", await audit.TotalsAsync("p", Settled));
    }

    [Fact]
    public async Task Audit_DeadLetterReplayed_IsStored()
    {
        await using var audit = await EventAuditUnderTest.StartAsync(clickHouse);
        await audit.CountAsync("p", accepted: 1);
        var (letter, row) = (Guid.NewGuid(), Guid.NewGuid());
        await audit.DeadLetterAsync("p", letter, row);

        await audit.Tables.AddEventAsync("p", audit.Now, eventId: row);
        await audit.ReplayedAsync("p", letter);

        Assert.Equal("received 1, stored 1", await audit.TotalsAsync("p", Settled));
    }

    [Fact]
    public async Task Audit_DeadLetterOfAnEventThatIsStored_CountsAsStored()
    {
        await using var audit = await EventAuditUnderTest.StartAsync(clickHouse);
        await audit.CountAsync("p", accepted: 1);
        await audit.DeadLetterAsync("p", Guid.NewGuid(), await audit.Tables.AddEventAsync("p", audit.Now));

        Assert.Equal("received 1, stored 1", await audit.TotalsAsync("p", Settled));
    }

    [Fact]
    public async Task Audit_NotStoredYet_IsInFlight()
    {
        await using var audit = await EventAuditUnderTest.StartAsync(clickHouse);
        await audit.CountAsync("p", accepted: 2);

        var answer = await audit.ReadAsync("p");

        Assert.Equal("received 2, in_flight 2", EventAuditUnderTest.Totals(answer));
        Assert.Equal("in_flight", answer.GetProperty("state").GetString());
        Assert.False(answer.TryGetProperty("alarm", out _));
    }

    [Fact]
    public async Task Audit_NotStoredAfterTheAllowedLateness_IsMissing()
    {
        await using var audit = await EventAuditUnderTest.StartAsync(clickHouse);
        await audit.CountAsync("p", accepted: 2);
        await audit.Tables.AddEventAsync("p", audit.Now);

        var answer = await audit.ReadAsync("p", Settled);

        Assert.Equal("received 2, stored 1, missing 1", EventAuditUnderTest.Totals(answer));
        Assert.Equal("missing", answer.GetProperty("state").GetString());
        Assert.Equal(1, answer.GetProperty("alarm").GetProperty("missing").GetInt32());
    }

    [Fact]
    public async Task Audit_NotStoredWhileAStageIsDown_StaysInFlight()
    {
        await using var audit = await EventAuditUnderTest.StartAsync(clickHouse);
        await audit.SetStagesAsync(new StageResult(StageState.Down, "It is away."));
        await audit.CountAsync("p", accepted: 2);

        var answer = await audit.ReadAsync("p", Settled);

        Assert.Equal("received 2, in_flight 2", EventAuditUnderTest.Totals(answer));
        Assert.False(answer.TryGetProperty("settled_before", out _));
    }

    [Fact]
    public async Task Audit_StageDownAfterwards_LeavesMissingWhatWasMissing()
    {
        await using var audit = await EventAuditUnderTest.StartAsync(clickHouse);
        await audit.CountAsync("p", accepted: 2);
        await audit.PassAsync(Settled);

        await audit.SetStagesAsync(new StageResult(StageState.Down, "It is away."));

        Assert.Equal("received 2, missing 2", await audit.TotalsAsync("p"));
    }

    [Fact]
    public async Task Audit_IngestionKilledBeforeItTold_IsUncounted()
    {
        await using var audit = await EventAuditUnderTest.StartAsync(clickHouse);
        await audit.CountAsync("p", accepted: 1);
        await audit.Tables.AddEventsAsync("p", audit.Now, 3);

        var answer = await audit.ReadAsync("p", Settled);

        Assert.Equal("received 3, stored 3, uncounted 2", EventAuditUnderTest.Totals(answer));
        Assert.Equal("balanced", answer.GetProperty("state").GetString());
    }

    [Fact]
    public async Task Audit_SeveralReportsOfAMinute_AddUp()
    {
        await using var audit = await EventAuditUnderTest.StartAsync(clickHouse);
        await audit.CountAsync("p", accepted: 1);
        await audit.CountAsync("p", accepted: 2);
        await audit.PassAsync();

        await audit.CountAsync("p", accepted: 4);

        Assert.Equal("received 7, in_flight 7", await audit.TotalsAsync("p"));
    }

    [Fact]
    public async Task Audit_ReportRedelivered_CountsOnce()
    {
        await using var audit = await EventAuditUnderTest.StartAsync(clickHouse);
        var report = Guid.NewGuid();
        await audit.CountAsync("p", accepted: 2, report: report);
        await audit.PassAsync();

        await audit.CountAsync("p", accepted: 2, report: report);

        Assert.Equal("received 2, in_flight 2", await audit.TotalsAsync("p"));
    }

    [Fact]
    public async Task Audit_OfOthers_DoesNotCount()
    {
        await using var audit = await EventAuditUnderTest.StartAsync(clickHouse);
        await audit.CountAsync("theirs", accepted: 1);
        await audit.Tables.AddEventAsync("p", audit.Now, Environments.Test);

        Assert.Equal("", await audit.TotalsAsync("p"));
    }

    [Theory]
    [InlineData("", 60)]
    [InlineData("?window=1h", 60)]
    [InlineData("?window=24h", 1440)]
    public async Task Audit_OfAWindow_HasEveryMinute(string query, int minutes)
    {
        await using var audit = await EventAuditUnderTest.StartAsync(clickHouse);

        var answer = await audit.ReadAsync("p", query: query);

        Assert.Equal(minutes, answer.GetProperty("minutes").GetArrayLength());
        Assert.Equal(TimeSpan.FromMinutes(minutes), answer.GetProperty("to").GetDateTime() - answer.GetProperty("from").GetDateTime());
        Assert.Equal(300, answer.GetProperty("patience_seconds").GetInt32());
    }

    [Fact]
    public async Task Audit_WrongWindow_IsInvalidParameter()
    {
        await using var monitoring = await MonitoringUnderTest.StartAsync(MonitoringUnderTest.NoWarehouse);

        using var answer = await monitoring.GetAsync("/api/monitoring/ledger?window=7d", "p");

        await ProblemAnswer.ReadAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidParameter, answer);
    }
}
