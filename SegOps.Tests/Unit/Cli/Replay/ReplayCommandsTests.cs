using SegOps.Cli.Replay;

namespace SegOps.Tests.Unit.Cli.Replay;

public sealed class ReplayCommandsTests
{
    private const string Id = "0193a1b2-0000-7000-8000-000000000001";

    [Fact]
    public async Task List_WithFilters_IsUnderstood()
    {
        var list = Assert.IsType<ListLetters>(await ParseAsync(
            "dead-letters", "list", "--project", "prj_1", "--code", "clickhouse_469", "--since", "2026-11-24T10:30:00+01:00", "--limit", "7", "--closed"));

        Assert.Equal(7, list.Limit);
        Assert.Equal(("prj_1", "clickhouse_469", true), (list.Letters.Project, list.Letters.Code, list.Letters.Closed));
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 9, 30, 0, TimeSpan.Zero), list.Letters.Since);
    }

    [Fact]
    public async Task Show_Raw_IsUnderstood() =>
        Assert.Equal(new ShowLetter(Guid.Parse(Id), Raw: true), await ParseAsync("dead-letters", "show", Id, "--raw"));

    [Fact]
    public async Task Replay_OneCorrected_IsUnderstood()
    {
        var replay = Assert.IsType<ReplayLetters>(await ParseAsync("dead-letters", "replay", Id, "--row", "row.json", "--dry-run", "--wait", "5"));

        Assert.Equal([Guid.Parse(Id)], replay.Letters.Ids);
        Assert.Equal(("row.json", true, TimeSpan.FromSeconds(5), false), (replay.RowFile, replay.DryRun, replay.Wait, replay.Publishes));
    }

    [Fact]
    public async Task Replay_All_NeedsNothingElse() =>
        Assert.Empty(Assert.IsType<ReplayLetters>(await ParseAsync("dead-letters", "replay", "--all")).Letters.Ids);

    [Fact]
    public async Task ReplayEvents_Range_IsTakenAsUtc()
    {
        var replay = await ParseAsync("replay-events", "--project", "prj_1", "--environment", "live", "--from", "2026-11-24", "--to", "2026-11-24T01:02:03.000004");

        Assert.Equal(
            new ReplayEvents(
                "prj_1", "live", new(2026, 11, 24, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 11, 24, 1, 2, 3, TimeSpan.Zero).AddMicroseconds(4), DryRun: false),
            replay);
    }

    [Theory]
    [InlineData("dead-leters list")]
    [InlineData("dead-letters list --limit 0")]
    [InlineData("dead-letters list --since yesterday")]
    [InlineData("dead-letters show")]
    [InlineData("dead-letters show 17")]
    [InlineData("dead-letters replay")]
    [InlineData("dead-letters replay --dry-run")]
    [InlineData("dead-letters replay --all --row row.json")]
    [InlineData("dead-letters replay --all --wait 0")]
    [InlineData("replay-events --project prj_1 --environment live --from 2026-11-24")]
    [InlineData("replay-events --project prj_1 --environment prod --from 2026-11-24 --to 2026-11-25")]
    [InlineData("replay-events --project prj_1 --environment live --from 2026-11-25 --to 2026-11-24")]
    public async Task Invoke_WhatCannotBeUnderstood_EndsWithUsageAndRunsNothing(string line)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();

        var status = await ReplayCommands.InvokeAsync(line.Split(' '), (_, _) => throw new InvalidOperationException("ran"), output, errors);

        Assert.Equal(ReplayStatus.Usage, status);
        Assert.NotEmpty(errors.ToString());
    }

    [Fact]
    public async Task Invoke_Help_NamesTheCommandsAndEndsWithZero()
    {
        using var output = new StringWriter();

        var status = await ReplayCommands.InvokeAsync(["--help"], (_, _) => throw new InvalidOperationException("ran"), output);

        Assert.Equal(0, status);
        Assert.Contains("dead-letters", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("replay-events", output.ToString(), StringComparison.Ordinal);
    }

    private static async Task<ReplayRequest?> ParseAsync(params string[] arguments)
    {
        ReplayRequest? parsed = null;
        using var errors = new StringWriter();
        await ReplayCommands.InvokeAsync(
            arguments,
            (request, _) =>
            {
                parsed = request;
                return Task.FromResult(0);
            },
            errors: errors);
        Assert.Empty(errors.ToString());
        return parsed;
    }
}
