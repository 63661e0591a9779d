using System.Globalization;
using System.Text;
using SegOps.Cli.Replay;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Configuration;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.Ingestor;
using SegOps.Tests.Unit.Ingestor;

namespace SegOps.Tests.Integration.Cli.Replay;

public sealed class LetterReplayTests(PubSubEmulatorFixture pubSub, ClickHouseFixture clickHouse) : IAsyncLifetime
{
    private const string Open = "SELECT count() FROM dead_letters FINAL WHERE dead_letter_id NOT IN (SELECT dead_letter_id FROM dead_letter_replays)";
    private const string Time = "2026-01-02 03:04:05.000006";

    private string _pubSub = null!;
    private string _clickHouse = null!;
    private IngestorHost _host = null!;
    private ReplayTool _tool = null!;

    public async ValueTask InitializeAsync()
    {
        var tables = await clickHouse.NewTablesAsync();
        (_pubSub, _clickHouse) = (await pubSub.NewProjectAsync(), tables.ConnectionString);
        _tool = new(_pubSub, _clickHouse);
        _host = await IngestorHost.StartAsync(_pubSub, tables);
        await _host.RunningAsync();
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task List_OpenLetters_NamesIdCodeAndEvent()
    {
        var (letter, row) = await DeadLetterAsync();

        var listed = await _tool.RunAsync("dead-letters list");

        Assert.Equal(ReplayStatus.Done, listed.Status);
        Assert.Contains(letter, listed.Out, StringComparison.Ordinal);
        Assert.Contains(row.Id.ToString(), listed.Out, StringComparison.Ordinal);
        Assert.Contains("Open dead letters: 1.", listed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_OfAnotherProject_IsEmpty()
    {
        await DeadLetterAsync();

        Assert.Equal("", (await _tool.RunAsync("dead-letters list --project prj_2")).Out);
    }

    [Fact]
    public async Task Show_Letter_TellsTheReasonAndTheRow()
    {
        var (letter, row) = await DeadLetterAsync();

        var shown = await _tool.RunAsync($"dead-letters show {letter}");

        Assert.Contains("Code: ", shown.Out, StringComparison.Ordinal);
        Assert.Contains(row.Refused, shown.Out, StringComparison.Ordinal);
        Assert.Equal(row.Refused + "\n", Encoding.UTF8.GetString((await _tool.RunAsync($"dead-letters show {letter} --raw")).Bytes));
    }

    [Theory]
    [InlineData("dead-letters show")]
    [InlineData("dead-letters replay")]
    public async Task UnknownId_IsNamedAndIncomplete(string command)
    {
        var unknown = Guid.NewGuid();

        var result = await _tool.RunAsync($"{command} {unknown}");

        Assert.Equal(ReplayStatus.Incomplete, result.Status);
        Assert.Contains(unknown.ToString(), result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_CorrectedRow_IsStoredUnderItsIdAndClosesTheLetter()
    {
        var (letter, row) = await DeadLetterAsync();

        var replayed = await _tool.RunAsync($"dead-letters replay {letter} --row -", row.Corrected);

        Assert.Equal((ReplayStatus.Done, "Replayed 1"), (replayed.Status, replayed.Out.Split(',')[0]));
        Assert.Equal("1", await _host.AskAsync($"SELECT count() FROM events WHERE event_id = '{row.Id}' AND occurred_at = '{Time}'"));
        Assert.Equal("0", await _host.AskAsync(Open));
    }

    [Fact]
    public async Task Replay_Twice_SendsOnceAndSaysSo()
    {
        var (letter, row) = await DeadLetterAsync();
        await _tool.RunAsync($"dead-letters replay {letter} --row -", row.Corrected);

        var again = await _tool.RunAsync($"dead-letters replay {letter} --row -", row.Corrected);

        Assert.Equal(ReplayStatus.Done, again.Status);
        Assert.Contains("not open 1", again.Out, StringComparison.Ordinal);
        Assert.Equal("1", await _host.AskAsync("SELECT count() FROM events WHERE project_id = 'prj_1'"));
    }

    /// <summary>As when a replay is killed between storing and closing, or the client sends the event again by itself.</summary>
    [Fact]
    public async Task Replay_EventIsStoredAlready_ClosesWithoutSending()
    {
        var (letter, row) = await DeadLetterAsync();
        await _host.PublishAsync(row.Corrected);
        await _host.AnswersAsync("1", "SELECT count() FROM events WHERE project_id = 'prj_1'");

        var replayed = await _tool.RunAsync($"dead-letters replay {letter}");

        Assert.Equal(ReplayStatus.Done, replayed.Status);
        Assert.Contains("stored already 1", replayed.Out, StringComparison.Ordinal);
        Assert.Equal(("1", "0"), (await _host.AskAsync("SELECT count() FROM events WHERE project_id = 'prj_1'"), await _host.AskAsync(Open)));
    }

    [Fact]
    public async Task Replay_RowThatIsNowTaken_IsStoredAsItWas()
    {
        var id = Guid.NewGuid();
        await MakeLetterAsync(id, Rows.Event(id: id));

        var replayed = await _tool.RunAsync("dead-letters replay --all");

        Assert.Equal((ReplayStatus.Done, "Replayed 1"), (replayed.Status, replayed.Out.Split(',')[0]));
        Assert.Equal(("1", "0"), (await _host.AskAsync($"SELECT count() FROM events WHERE event_id = '{id}'"), await _host.AskAsync(Open)));
    }

    [Fact]
    public async Task Replay_RowStillRefused_IsNotSentAndStaysOpen()
    {
        var (letter, _) = await DeadLetterAsync();

        var replayed = await _tool.RunAsync("dead-letters replay --project prj_1");

        Assert.Equal(ReplayStatus.Incomplete, replayed.Status);
        Assert.Contains($"{letter}: it would be refused again (clickhouse_", replayed.Error, StringComparison.Ordinal);
        Assert.Equal(("1", "1"), (await _host.AskAsync(Open), await _host.AskAsync("SELECT count() FROM dead_letters FINAL")));
    }

    [Fact]
    public async Task Replay_CorrectionBreaksAConstraint_IsRefusedWithClickHousesReason()
    {
        var (letter, row) = await DeadLetterAsync();
        var worse = row.Corrected.Replace(Time, "1999-12-31 00:00:00.000000", StringComparison.Ordinal);

        var replayed = await _tool.RunAsync($"dead-letters replay {letter} --row -", worse);

        Assert.Equal(ReplayStatus.Incomplete, replayed.Status);
        Assert.Contains("occurred_at_given", replayed.Error, StringComparison.Ordinal);
        Assert.Equal("1", await _host.AskAsync(Open));
    }

    [Fact]
    public async Task Replay_CorrectionOfAnotherEvent_IsRefused()
    {
        var (letter, _) = await DeadLetterAsync();

        var replayed = await _tool.RunAsync($"dead-letters replay {letter} --row -", Rows.Event());

        Assert.Equal(ReplayStatus.Incomplete, replayed.Status);
        Assert.Contains(EventColumns.EventId, replayed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_DryRun_ChangesNothing()
    {
        var (letter, row) = await DeadLetterAsync();

        var dry = await _tool.RunAsync($"dead-letters replay {letter} --row - --dry-run", row.Corrected);

        Assert.Equal((ReplayStatus.Done, "Would replay 1"), (dry.Status, dry.Out.Split(',')[0]));
        Assert.Equal(("0", "1"), (await _host.AskAsync("SELECT count() FROM events WHERE project_id = 'prj_1'"), await _host.AskAsync(Open)));
    }

    [Fact]
    public async Task Replay_WholeMessage_IsRefusedWithAReason()
    {
        await _host.PublishAsync(Streams.EventsTopic, "garbage"u8.ToArray(), Messages.Attributes(1));
        await _host.AnswersAsync("1", Open);

        var replayed = await _tool.RunAsync("dead-letters replay --all");

        Assert.Equal(ReplayStatus.Incomplete, replayed.Status);
        Assert.Contains("whole message", replayed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_MessageThatPubSubGaveUp_StoresItsRowsUnderTheirIdsAndClosesIt()
    {
        Guid[] ids = [Guid.NewGuid(), Guid.NewGuid()];
        await _host.PublishAsync(Streams.EventsDeadLetterTopic, Messages.Pack(ids.Select(id => Rows.Event(id: id))), Messages.Attributes(ids.Length));
        await _host.AnswersAsync("1", Open);

        var replayed = await _tool.RunAsync("dead-letters replay --code delivery_attempts_exhausted");

        Assert.Equal((ReplayStatus.Done, "Replayed 1"), (replayed.Status, replayed.Out.Split(',')[0]));
        Assert.Equal("2", await _host.AskAsync($"SELECT uniqExact(event_id) FROM events WHERE event_id IN ('{ids[0]}', '{ids[1]}')"));
        Assert.Equal("0", await _host.AskAsync(Open));
    }

    /// <summary>Counts that miss look like events that were not counted, and can hide the loss of others.</summary>
    [Fact]
    public async Task Replay_CountsThatPubSubGaveUp_StoresThemUnderTheirIdAndClosesTheLetter()
    {
        var report = Guid.NewGuid();
        await _host.PublishAsync(Streams.ReceivedDeadLetterTopic, Messages.Pack(Rows.Counts(accepted: 7, report)), MessageAttributes.Of(project: "", environment: "", 1));
        await _host.AnswersAsync("1", Open);

        var replayed = await _tool.RunAsync("dead-letters replay --code delivery_attempts_exhausted");

        Assert.Equal((ReplayStatus.Done, "Replayed 1"), (replayed.Status, replayed.Out.Split(',')[0]));
        Assert.Equal("7", await _host.AskAsync($"SELECT sum(count.3) FROM received FINAL ARRAY JOIN counts AS count WHERE report_id = '{report}'"));
        Assert.Equal("0", await _host.AskAsync(Open));
    }

    [Fact]
    public async Task Replay_MessageThatPubSubGaveUpAndCannotBeRead_IsRefusedWithAReason()
    {
        await _host.PublishAsync(Streams.EventsDeadLetterTopic, "garbage"u8.ToArray(), Messages.Attributes(1));
        await _host.AnswersAsync("1", Open);

        var replayed = await _tool.RunAsync("dead-letters replay --all");

        Assert.Equal(ReplayStatus.Incomplete, replayed.Status);
        Assert.Contains("its rows cannot be read", replayed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_WholeMessageAsCorrectedRows_StoresThemAndClosesIt()
    {
        await _host.PublishAsync(Streams.EventsTopic, "garbage"u8.ToArray(), Messages.Attributes(2));
        await _host.AnswersAsync("1", Open);
        var letter = await _host.AskAsync("SELECT dead_letter_id FROM dead_letters");

        var replayed = await _tool.RunAsync($"dead-letters replay {letter} --row -", Rows.Event("a") + "\n" + Rows.Event("b"));

        Assert.Equal(ReplayStatus.Done, replayed.Status);
        Assert.Equal(("2", "0"), (await _host.AskAsync("SELECT uniqExact(event_id) FROM events WHERE project_id = 'prj_1'"), await _host.AskAsync(Open)));
    }

    [Fact]
    public async Task Replay_SeveralLettersOfOneEvent_StoresItAndClosesThemAll()
    {
        var (letter, row) = await DeadLetterAsync();
        await _host.PublishAsync(row.Corrected.Replace(Time, "still not a time", StringComparison.Ordinal));
        await _host.AnswersAsync("2", Open);

        await _tool.RunAsync($"dead-letters replay {letter} --row -", row.Corrected);

        Assert.Equal(("1", "0"), (await _host.AskAsync("SELECT count() FROM events WHERE project_id = 'prj_1'"), await _host.AskAsync(Open)));
    }

    [Fact]
    public async Task Replay_RowsOfTheListOfErrors_AreStoredThere()
    {
        // Received lately, for errors are kept for 30 days only; the row is refused for another time of receipt than the message has.
        var today = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var attributes = Messages.Attributes(1);
        attributes[MessageAttributes.ReceivedAt] = today + "T00:00:00.000000Z";
        await _host.PublishAsync(Streams.RejectionsTopic, Messages.Pack(Rows.Rejection("required", DateTimeOffset.UnixEpoch)), attributes);
        await _host.AnswersAsync("1", Open);
        var letter = await _host.AskAsync("SELECT dead_letter_id FROM dead_letters");
        var raw = Encoding.UTF8.GetString((await _tool.RunAsync($"dead-letters show {letter} --raw")).Bytes);

        var replayed = await _tool.RunAsync($"dead-letters replay {letter} --row -", raw.Replace("1970-01-01", today, StringComparison.Ordinal));

        Assert.Equal((ReplayStatus.Done, "0"), (replayed.Status, await _host.AskAsync(Open)));
    }

    /// <summary>As when a replay is killed between publishing and storing: its message is stored, and the next run's copy of it.</summary>
    [Fact]
    public async Task Replay_AgainAfterNothingWasSeen_CountsTheEventOnce()
    {
        var id = Guid.NewGuid();
        await MakeLetterAsync(id, Rows.Event(id: id));
        await _host.StopAsync();
        await _tool.RunAsync("dead-letters replay --all --wait 1");
        await _tool.RunAsync("dead-letters replay --all --wait 1");

        await using var next = await IngestorHost.StartAsync(_pubSub, _clickHouse);
        await next.AnswersAsync("1", $"SELECT count() FROM events FINAL WHERE event_id = '{id}'");
        var replayed = await _tool.RunAsync("dead-letters replay --all");

        Assert.Contains("stored already 1", replayed.Out, StringComparison.Ordinal);
        Assert.Equal(("1", "0"), (await next.AskAsync("SELECT uniqExact(event_id) FROM events WHERE project_id = 'prj_1'"), await next.AskAsync(Open)));
    }

    [Fact]
    public async Task Replay_Interrupted_SaysHowToGoOn()
    {
        var replayed = await new ReplayTool(_pubSub, _clickHouse) { IsInterrupted = true }.RunAsync("dead-letters replay --all");

        Assert.Equal(ReplayStatus.Interrupted, replayed.Status);
        Assert.Contains("Run the same command again", replayed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Schema_NotThereYet_SaysWhatBringsIt()
    {
        var result = await new ReplayTool("", await clickHouse.NewDatabaseAsync()).RunAsync("dead-letters list");

        Assert.Equal(ReplayStatus.Unavailable, result.Status);
        Assert.Contains("start an ingestor of this version", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_Missing_AreNamedAsByTheService()
    {
        var result = await new ReplayTool("", "").RunAsync("dead-letters list");

        Assert.Equal(ServiceHost.ConfigurationFault, result.Status);
        Assert.Contains("ConnectionStrings:clickhouse", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_NoIngestorRuns_LeavesTheLetterOpenAndSaysSo()
    {
        await MakeLetterAsync(Guid.NewGuid(), Rows.Event());
        await _host.StopAsync();

        var replayed = await _tool.RunAsync("dead-letters replay --all --wait 1");

        Assert.Equal(ReplayStatus.Unavailable, replayed.Status);
        Assert.Contains("Check that an ingestor is running", replayed.Error, StringComparison.Ordinal);
        Assert.Equal("1", await _host.AskAsync(Open));
    }

    private async Task<(string Letter, (Guid Id, string Refused, string Corrected) Row)> DeadLetterAsync()
    {
        var id = Guid.NewGuid();
        var corrected = Rows.Event(occurredAt: Time, id: id);
        var refused = corrected.Replace(Time, "never", StringComparison.Ordinal);
        await _host.PublishAsync(refused);
        await _host.AnswersAsync("1", Open);
        return (await _host.AskAsync("SELECT dead_letter_id FROM dead_letters"), (id, refused, corrected));
    }

    /// <summary>A row that was refused for something that has been mended since, such as a missing column.</summary>
    private Task<string> MakeLetterAsync(Guid id, string row) => _host.AskAsync(
        $"""
        INSERT INTO dead_letters (project_id, environment, dead_letter_id, source_table, event_id, code, message, raw_base64, message_id, first_seen)
        SELECT 'prj_1', 'live', generateUUIDv4(), 'events', '{id}', 'clickhouse_117', '', '{Convert.ToBase64String(Encoding.UTF8.GetBytes(row))}', '1', now64(6)
        """);
}
