using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Redis;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Unit.Segments;

namespace SegOps.Tests.Integration.Segments;

/// <summary>Previews of rules, and whether and why they match a user.</summary>
public sealed class CheckTests(RedisFixture redis, ClickHouseFixture clickHouse) : IAsyncLifetime
{
    private WarehouseTables _tables = null!;
    private SegmentsUnderTest _segments = null!;

    public async ValueTask InitializeAsync()
    {
        _tables = await clickHouse.NewTablesAsync();
        _segments = await SegmentsUnderTest.StartAsync(_tables.ConnectionString, await redis.ConnectionStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _segments.DisposeAsync();
        _tables.Dispose();
    }

    [Fact]
    public async Task Preview_OfTwoConditions_CountsTheirUsersAndCombinations()
    {
        await IdentifyAsync("a", """{"plan":"starter"}""");
        await IdentifyAsync("b", """{"plan":5}""");
        await _tables.AddEventAsync(_segments.Project, TimeProvider.System.GetUtcNow(), userId: "a");

        var preview = await PreviewAsync($$"""{"all":[{{SegmentsUnderTest.Starter}},{"type":"event","event_type":"order_placed"}]}""");

        Assert.Equal((1, 2), (preview.GetProperty("count").GetInt32(), preview.GetProperty("users").GetInt32()));
        Assert.Equal("""["a"]""", preview.GetProperty("samples").GetRawText());
        Assert.Equal("""{"path":"rule.all[0]","users":1,"unset":0,"other_type":1,"without_it":1}""", preview.GetProperty("conditions")[0].GetRawText());
        Assert.Equal(new HashSet<string> { "11 1", "00 1" }, [.. preview.GetProperty("patterns").EnumerateArray().Select(pattern => $"{pattern.GetProperty("bits")} {pattern.GetProperty("users")}")]);
        Assert.Equal("other_types_stored", preview.GetProperty("warnings")[0].GetProperty("code").GetString());
    }

    [Fact]
    public async Task Properties_OfUsers_AreWrittenAsRulesTakeThem()
    {
        await IdentifyAsync("a", """{"plan":"starter","address.city":"Bern"}""");
        await IdentifyAsync("b", """{"plan":"free"}""");
        await IdentifyAsync("c", """{"":1}""");
        await _tables.AddEventAsync("another", TimeProvider.System.GetUtcNow(), eventType: EventColumns.IdentifyType, payload: """{"email":"a@example.com"}""");

        var answer = await _segments.JsonAsync(HttpMethod.Get, "properties");

        Assert.Equal(["plan", @"address\.city"], answer.GetProperty("properties").EnumerateArray().Select(static name => name.GetString()));
    }

    [Fact]
    public async Task Post_ARuleOnAnUnknownProperty_WarnsAtItsPath()
    {
        await IdentifyAsync("a", """{"plan":5}""");

        var created = await _segments.JsonAsync(
            HttpMethod.Post, body: SegmentsUnderTest.Body($$"""{"any":[{"type":"event","event_type":"order_placed"},{{SegmentsUnderTest.Starter.Replace("plan", "plna", StringComparison.Ordinal)}}]}"""),
            status: HttpStatusCode.Created);

        Assert.Equal(["property_never_seen rule.any[1]"], Warnings(created));
    }

    [Fact]
    public async Task Put_ARuleOnAnotherType_WarnsAtItsPath()
    {
        await IdentifyAsync("a", """{"plan":5}""");
        var id = await _segments.CreateAsync();

        Assert.Equal(
            ["other_types_stored rule"],
            Warnings(await _segments.JsonAsync(HttpMethod.Put, $"{id}", SegmentsUnderTest.Body(SegmentsUnderTest.Starter), ifMatch: "\"1\"")));
    }

    [Fact]
    public async Task Preview_OfASegmentsMembers_UsesItsRule()
    {
        await IdentifyAsync("a", """{"plan":"starter"}""");
        var id = await _segments.CreateAsync();

        Assert.Equal(1, (await PreviewAsync(SegmentsUnderTest.Reference(id))).GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Preview_CostOnly_ComputesNothing()
    {
        var preview = await _segments.JsonAsync(HttpMethod.Post, "preview?cost=only", $$"""{"rule":{{SegmentsUnderTest.Starter}}}""");

        Assert.Equal(["cost"], preview.EnumerateObject().Select(member => member.Name));
    }

    [Fact]
    public async Task Preview_CostOfConditions_IsThatOfTheirRows()
    {
        var now = TimeProvider.System.GetUtcNow();
        await _tables.InsertAsync("events", [
            new HistoryEvent("a", EventColumns.IdentifyType, Guid.NewGuid(), now, now, Payload: """{"plan":"starter"}""").Row(_segments.Project),
            new HistoryEvent("a", "order_placed", Guid.NewGuid(), now, now).Row(_segments.Project),
        ]);
        const string Orders = """{"type":"event","event_type":"order_placed"}""", Total = """{"type":"event","event_type":"order_placed","aggregate":{"sum":"total"},"operator":"at_least","value":1}""";

        var (ofUser, ofPlan) = (1, await RowsAsync(SegmentsUnderTest.Starter));
        var (ofOrders, ofTotal) = (await RowsAsync(Orders), await RowsAsync(Total));

        Assert.Equal((2, 3, 3), (ofPlan, ofOrders, ofTotal));
        Assert.Equal(ofPlan + ofOrders + ofTotal - (2 * ofUser), await RowsAsync($$"""{"all":[{{SegmentsUnderTest.Starter}},{{Orders}},{{Total}},{{Orders}}]}"""));

        async Task<int> RowsAsync(string rule) => (await _segments.JsonAsync(HttpMethod.Post, "preview?cost=only", $$"""{"rule":{{rule}}}"""))
            .GetProperty("cost").GetProperty("rows").GetInt32();
    }

    [Fact]
    public async Task Post_WhileTwoPreviewsAreComputed_HasNoWarnings()
    {
        var connection = _segments.Services.GetRequiredService<RedisConnection>();
        for (var place = 0; place < 2; place++)
            Assert.True(await new RedisLease(connection, RedisKeys.SegmentPreview(_segments.Project, place), TimeSpan.FromMinutes(1)).HoldAsync());

        var created = await _segments.JsonAsync(HttpMethod.Post, body: SegmentsUnderTest.Body(SegmentsUnderTest.Starter), status: HttpStatusCode.Created);

        Assert.False(created.TryGetProperty("warnings", out _));
    }

    [Fact]
    public async Task Preview_WhileTwoAreComputed_IsRefusedUntilOneEnds()
    {
        var connection = _segments.Services.GetRequiredService<RedisConnection>();
        var others = Enumerable.Range(0, 2).Select(place => new RedisLease(connection, RedisKeys.SegmentPreview(_segments.Project, place), TimeSpan.FromMinutes(1))).ToList();
        foreach (var other in others)
            Assert.True(await other.HoldAsync());

        await _segments.ProblemAsync(HttpStatusCode.TooManyRequests, ErrorCodes.TooManyPreviews, HttpMethod.Post, "preview", $$"""{"rule":{{SegmentsUnderTest.Starter}}}""");
        await others[1].ReleaseAsync(TestContext.Current.CancellationToken);

        await PreviewAsync(SegmentsUnderTest.Starter);
        await PreviewAsync(SegmentsUnderTest.Starter);
    }

    [Theory]
    [InlineData("preview", """{"rule":{"any":[]}}""", ErrorCodes.InvalidRule)]
    [InlineData("preview", "{}", ErrorCodes.InvalidRule)]
    [InlineData("preview?cost=free", "{}", ErrorCodes.InvalidParameter)]
    [InlineData("explain", """{"user_id":"u"}""", ErrorCodes.InvalidRule)]
    [InlineData("explain", """{"rule":{"type":"event","event_type":"e"}}""", ErrorCodes.InvalidParameter)]
    [InlineData("explain", """{"rule":{"type":"event","event_type":"e"},"user_id":"u","as_of":"soon"}""", ErrorCodes.InvalidParameter)]
    [InlineData("explain", """{"rule":{"type":"event","event_type":"e"},"user_id":"u","after_event":"5"}""", ErrorCodes.InvalidParameter)]
    public Task Post_BadBody_IsRefused(string path, string body, string code) => _segments.ProblemAsync(HttpStatusCode.BadRequest, code, HttpMethod.Post, path, body);

    [Fact]
    public async Task Check_OfAMember_ShowsTheValueAndTheEventThatSetIt()
    {
        var set = await IdentifyAsync("user/1", """{"plan":"starter"}""");
        var id = await _segments.CreateAsync();

        var check = await _segments.JsonAsync(HttpMethod.Get, $"{id}/user?user_id=user%2F1");

        Assert.True(check.GetProperty("match").GetBoolean());
        Assert.True(check.GetProperty("known").GetBoolean());
        Assert.False(check.GetProperty("member").GetProperty("is_member").GetBoolean()); // No pass has run.
        var condition = check.GetProperty("conditions")[0];
        Assert.Equal(("\"starter\"", "value"), (condition.GetProperty("observed").GetRawText(), condition.GetProperty("state").GetString()));
        Assert.Equal(set, condition.GetProperty("set_by").GetProperty("event_id").GetGuid());
    }

    [Fact]
    public async Task Check_OfAnUnknownUser_SaysSo()
    {
        var id = await _segments.CreateAsync();

        var check = await _segments.JsonAsync(HttpMethod.Get, $"{id}/users/unknown");

        Assert.Equal((false, false), (check.GetProperty("match").GetBoolean(), check.GetProperty("known").GetBoolean()));
        Assert.Equal("unset", check.GetProperty("conditions")[0].GetProperty("state").GetString());
    }

    [Fact]
    public async Task Check_AsOfAPastTime_UsesTheTraitsOfThatTime()
    {
        var now = TimeProvider.System.GetUtcNow();
        await _tables.AddEventAsync(_segments.Project, now.AddHours(-2), userId: "u", eventType: EventColumns.IdentifyType, payload: """{"plan":"starter"}""");
        await _tables.AddEventAsync(_segments.Project, now, userId: "u", eventType: EventColumns.IdentifyType, payload: """{"plan":"pro"}""");
        var id = await _segments.CreateAsync();

        Assert.Equal("False", await MatchAsync($"{id}/users/u"));
        Assert.Equal("True", await MatchAsync($"{id}/users/u?as_of={now.AddHours(-1):yyyy-MM-ddTHH:mm:ssZ}"));
    }

    [Fact]
    public async Task Check_AfterAnEventThatIsStoredMeanwhile_SeesIt()
    {
        var id = await _segments.CreateAsync();
        var sent = Guid.NewGuid();

        var waiting = MatchAsync($"{id}/users/u?after_event={sent}");
        await _tables.AddEventAsync(
            _segments.Project, TimeProvider.System.GetUtcNow(), userId: "u", eventType: EventColumns.IdentifyType, payload: """{"plan":"starter"}""", eventId: sent);

        Assert.Contains(await waiting, (string[])["True", ErrorCodes.EventNotStored]); // A busy machine can take longer than the wait.
        Assert.Equal("True", await MatchAsync($"{id}/users/u?after_event={sent}"));
    }

    [Fact]
    public async Task Check_AfterAnEventOfAnotherProject_IsNotStored()
    {
        var other = await _tables.AddEventAsync("another", TimeProvider.System.GetUtcNow());
        var id = await _segments.CreateAsync();

        var problem = await _segments.ProblemAsync(HttpStatusCode.Conflict, ErrorCodes.EventNotStored, HttpMethod.Get, $"{id}/users/u?after_event={other}");

        Assert.Equal(409, problem.GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task Explain_OfHostileTexts_ComparesThemOnly()
    {
        const string Hostile = "'; DROP TABLE events; -- \\' {x:String} \" \u0001";
        await IdentifyAsync(Hostile, JsonSerializer.Serialize(new Dictionary<string, string> { ["plan"] = Hostile }));
        var text = JsonSerializer.Serialize(Hostile);

        var check = await _segments.JsonAsync(
            HttpMethod.Post, "explain", $$$"""{"user_id":{{{text}}},"rule":{"type":"user_property","property":"plan","operator":"equals","value":{{{text}}}}}""");

        Assert.True(check.GetProperty("match").GetBoolean());
    }

    private Task<Guid> IdentifyAsync(string user, string payload) => _tables.AddEventAsync(
        _segments.Project, TimeProvider.System.GetUtcNow(), userId: user, eventType: EventColumns.IdentifyType, payload: payload);

    private Task<JsonElement> PreviewAsync(string rule) => _segments.JsonAsync(HttpMethod.Post, "preview", $$"""{"rule":{{rule}}}""");

    private static IEnumerable<string> Warnings(JsonElement answer) =>
        answer.GetProperty("warnings").EnumerateArray().Select(static warning => $"{warning.GetProperty("code")} {warning.GetProperty("path")}");

    /// <summary>Whether the user matches, or the code of the problem.</summary>
    private async Task<string?> MatchAsync(string path)
    {
        using var answer = await _segments.SendAsync(HttpMethod.Get, path);
        var json = JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return answer.IsSuccessStatusCode ? json.GetProperty("match").GetBoolean().ToString() : json.GetProperty("code").GetString();
    }
}
