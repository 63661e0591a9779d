using System.Net;
using System.Text.Json;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Segments;

/// <summary>The members of a segment and their changes, as clients read them.</summary>
public sealed class MembersTests(ClickHouseFixture clickHouse) : IAsyncLifetime
{
    private WarehouseTables _tables = null!;
    private OwnRedis _redis = null!;
    private SegmentsUnderTest _segments = null!;

    public async ValueTask InitializeAsync()
    {
        _tables = await clickHouse.NewTablesAsync();
        _redis = await OwnRedis.StartAsync();
        _segments = await SegmentsUnderTest.StartAsync(_tables.ConnectionString, _redis.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await _segments.DisposeAsync();
        await _redis.DisposeAsync();
        _tables.Dispose();
    }

    [Fact]
    public async Task Members_OfANewSegment_AreListedByUserWithTheTraitsThatWereAskedFor()
    {
        await IdentifyAsync("b", """{"plan":"starter","age":5}""");
        await IdentifyAsync("a", """{"plan":"starter"}""");
        await IdentifyAsync("c", """{"plan":"pro"}""");
        var id = await _segments.CreateAsync();

        await _segments.PassesUntilAsync("""a {"plan":"starter"}, b {"age":5,"plan":"starter"}""", () => _segments.MembersAsync(id, "age,plan"));

        var segment = await _segments.JsonAsync(HttpMethod.Get, $"{id}");
        Assert.Equal((2, "ready"), (segment.GetProperty("count").GetInt32(), segment.GetProperty("state").GetString()));
    }

    [Fact]
    public async Task Members_InPages_AreEachListedOnce()
    {
        foreach (var user in (string[])["a", "b", "c"])
            await IdentifyAsync(user, """{"plan":"starter"}""");
        var id = await _segments.CreateAsync();
        await _segments.PassesUntilAsync("a, b, c", () => _segments.MembersAsync(id));
        List<string> listed = [];
        var cursor = "";

        do
        {
            var page = await _segments.JsonAsync(HttpMethod.Get, $"{id}/members?limit=2{cursor}");
            listed.AddRange(page.GetProperty("members").EnumerateArray().Select(member => member.GetProperty("user_id").GetString()!));
            Assert.Equal(3, page.GetProperty("count").GetInt32());
            cursor = page.TryGetProperty("next_cursor", out var next) ? "&cursor=" + next.GetString() : null;
        }
        while (cursor is not null);

        Assert.Equal(["a", "b", "c"], listed);
    }

    [Fact]
    public async Task Members_AsCsv_AreAllMembersWithoutFormulas()
    {
        await IdentifyAsync("=cmd|' /C calc'!A0", """{"plan":"starter","note":"a,\"b\""}""");
        await IdentifyAsync("user-2", """{"plan":"starter","note":-5}""");
        var id = await _segments.CreateAsync();
        await _segments.PassesUntilAsync("=cmd|' /C calc'!A0, user-2", () => _segments.MembersAsync(id));

        using var answer = await _segments.SendAsync(HttpMethod.Get, $"{id}/members?properties=note,none", accept: "text/csv");

        Assert.Equal("text/csv", answer.Content.Headers.ContentType?.MediaType);
        var lines = (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split("\r\n");
        Assert.Equal("user_id,since,note,none", lines[0]);
        Assert.Matches(""""^'=cmd\|' /C calc'!A0,\d{4}-\d\d-\d\dT[\d:.]+Z,"a,""b""",$"""", lines[1]);
        Assert.Matches("^user-2,[^,]+,-5,$", lines[2]);
        Assert.Equal("", lines[3]);
    }

    [Fact]
    public async Task Members_AsLines_AreOneObjectEach()
    {
        await IdentifyAsync("a", """{"plan":"starter"}""");
        var id = await _segments.CreateAsync();
        await _segments.PassesUntilAsync("a", () => _segments.MembersAsync(id));

        using var answer = await _segments.SendAsync(HttpMethod.Get, $"{id}/members?properties=plan", accept: "application/x-ndjson");

        var member = JsonElement.Parse((await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).TrimEnd('\n'));
        Assert.Equal(("a", """{"plan":"starter"}"""), (member.GetProperty("user_id").GetString(), member.GetProperty("properties").GetRawText()));
    }

    [Fact]
    public async Task Changes_OfUsersWhoEnterAndLeave_AreEachReportedOnce()
    {
        var id = await _segments.CreateAsync();
        await _segments.PassesUntilAsync("ready", () => StateAsync(id));
        var cursor = (await ChangesAsync(id, "")).Cursor;

        await IdentifyAsync("a", """{"plan":"starter"}""");
        await _segments.PassesUntilAsync("a", () => _segments.MembersAsync(id));
        var entered = await ChangesAsync(id, cursor);
        await IdentifyAsync("a", """{"plan":"pro"}""");
        await _segments.PassesUntilAsync("", () => _segments.MembersAsync(id));
        var exited = await ChangesAsync(id, entered.Cursor);

        Assert.Equal("a entered data", entered.Changes);
        Assert.Equal("a exited data", exited.Changes);
        Assert.Equal("a entered data, a exited data", (await ChangesAsync(id, cursor)).Changes);
        Assert.Equal("", (await ChangesAsync(id, exited.Cursor)).Changes);
    }

    [Fact]
    public async Task Changes_Waited_AreAnsweredWhenThereIsOne()
    {
        var id = await _segments.CreateAsync();
        await _segments.PassesUntilAsync("ready", () => StateAsync(id));
        var cursor = (await ChangesAsync(id, "")).Cursor;

        var waiting = ChangesAsync(id, cursor + "&wait=30");
        await IdentifyAsync("a", """{"plan":"starter"}""");
        await _segments.PassesUntilAsync(true, () => Task.FromResult(waiting.IsCompleted));

        Assert.Equal("a entered data", (await waiting).Changes);
    }

    [Fact]
    public async Task Changes_AsLines_EndWhenTheSegmentIsDeleted()
    {
        var id = await _segments.CreateAsync();
        await _segments.PassesUntilAsync("ready", () => StateAsync(id));
        using var answer = await _segments.SendAsync(
            HttpMethod.Get, $"{id}/changes?wait=30", accept: "application/x-ndjson", completion: HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        var first = await lines.ReadLineAsync(TestContext.Current.CancellationToken);

        await IdentifyAsync("a", """{"plan":"starter"}""");
        await _segments.PassesUntilAsync("a", () => _segments.MembersAsync(id));
        var change = JsonElement.Parse((await lines.ReadLineAsync(TestContext.Current.CancellationToken))!);
        (await _segments.SendAsync(HttpMethod.Delete, $"{id}")).Dispose();
        var last = await lines.ReadLineAsync(TestContext.Current.CancellationToken);

        Assert.StartsWith("""{"cursor":""", first, StringComparison.Ordinal);
        Assert.Equal("entered", change.GetProperty("change").GetString());
        Assert.Equal("""{"end":"segment_deleted"}""", last);
        Assert.Null(await lines.ReadLineAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("members?limit=0")]
    [InlineData("members?limit=1001")]
    [InlineData("members?cursor=x")]
    [InlineData("members?properties=,")]
    [InlineData("changes?wait=31")]
    [InlineData("changes?cursor=%00")]
    [InlineData("changes?cursor=MTox")]
    public async Task Get_BadParameter_IsRefused(string call) => await _segments.ProblemAsync(
        HttpStatusCode.BadRequest, ErrorCodes.InvalidParameter, HttpMethod.Get, $"{await _segments.CreateAsync()}/{call}");

    [Fact]
    public async Task Changes_OldCursor_IsExpired()
    {
        var old = new SegOps.Segments.Membership.Cursor(1, 1_000_000, 0, null);

        await _segments.ProblemAsync(HttpStatusCode.Gone, ErrorCodes.CursorExpired, HttpMethod.Get, $"{await _segments.CreateAsync()}/changes?cursor={old}");
    }

    [Theory]
    [InlineData("members")]
    [InlineData("changes")]
    public Task Get_UnknownSegment_IsNotFound(string what) => _segments.ProblemAsync(
        HttpStatusCode.NotFound, ErrorCodes.SegmentNotFound, HttpMethod.Get, $"{Guid.NewGuid()}/{what}");

    private Task<Guid> IdentifyAsync(string user, string payload) => _tables.AddEventAsync(
        _segments.Project, TimeProvider.System.GetUtcNow(), userId: user, eventType: EventColumns.IdentifyType, payload: payload);

    private async Task<string?> StateAsync(Guid id) => (await _segments.JsonAsync(HttpMethod.Get, $"{id}")).GetProperty("state").GetString();

    private async Task<(string Changes, string Cursor)> ChangesAsync(Guid id, string cursor)
    {
        var answer = await _segments.JsonAsync(HttpMethod.Get, $"{id}/changes?cursor={cursor}");
        return (
            string.Join(", ", answer.GetProperty("changes").EnumerateArray().Select(change =>
                $"{change.GetProperty("user_id").GetString()} {change.GetProperty("change").GetString()} {change.GetProperty("reason").GetString()}")),
            answer.GetProperty("next_cursor").GetString()!);
    }
}
