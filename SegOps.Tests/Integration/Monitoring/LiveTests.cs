using System.Net;
using Microsoft.Extensions.Time.Testing;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.Ingestor;

namespace SegOps.Tests.Integration.Monitoring;

public sealed class LiveTests(ClickHouseFixture clickHouse) : IAsyncLifetime
{
    private const string Path = "/api/monitoring/live";
    private WarehouseTables _tables = null!;

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public async ValueTask InitializeAsync() => _tables = await clickHouse.NewTablesAsync();

    public ValueTask DisposeAsync()
    {
        _tables.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Live_EventStored_ComesAsTheListOfEventsShowsIt()
    {
        await using var monitoring = await StartAsync();
        await using var live = await LiveClient.OpenAsync(monitoring, "p");

        await _tables.AddEventAsync("p", Now, userId: "ü\t'\\", payload: "{\n\"n\":1.0,\r\n \"deep\":[null,\"ü\\n\"]}");

        var (type, shown) = (await live.NextAsync())!.Value;
        var listed = (await monitoring.ReadAsync("/api/monitoring/events", "p")).GetProperty("events")[0];
        Assert.Equal("event", type);
        Assert.True(System.Text.Json.JsonElement.DeepEquals(listed, shown));
    }

    [Fact]
    public async Task Live_Opened_BeginsWithNothingOld()
    {
        await using var monitoring = await StartAsync();
        await using var before = await LiveClient.OpenAsync(monitoring, "p");
        var old = await _tables.AddEventAsync("p", Now);
        Assert.Equal(old, await before.NextIdAsync());

        await using var live = await LiveClient.OpenAsync(monitoring, "p");
        var young = await _tables.AddEventAsync("p", Now);

        Assert.Equal(young, await live.NextIdAsync());
    }

    [Fact]
    public async Task Live_EventStoredTwice_ComesOnce()
    {
        await using var monitoring = await StartAsync();
        await using var live = await LiveClient.OpenAsync(monitoring, "p");
        var twice = await _tables.AddEventAsync("p", Now);
        await _tables.AddEventAsync("p", Now, eventId: twice);
        Assert.Equal(twice, await live.NextIdAsync());

        await _tables.AddEventAsync("p", Now, eventId: twice);
        var last = await _tables.AddEventAsync("p", Now);

        Assert.Equal(last, await live.NextIdAsync());
    }

    [Theory]
    [InlineData("?user_id=anna", "anna-paid", "anna-viewed")]
    [InlineData("?event_type=paid", "anna-paid", "ben-paid")]
    [InlineData("?user_id=ben&event_type=paid", "ben-paid")]
    [InlineData("?user_id=&event_type=", "anna-paid", "anna-viewed", "ben-paid", "ben-viewed")]
    public async Task Live_Filtered_ShowsWhatMatches(string query, params string[] expected)
    {
        await using var monitoring = await StartAsync();
        await using var live = await LiveClient.OpenAsync(monitoring, "p", query);

        foreach (var (user, type) in (ValueTuple<string, string>[])[("anna", "paid"), ("anna", "viewed"), ("ben", "viewed"), ("ben", "paid")])
            await _tables.AddEventAsync("p", Now, userId: user, eventType: type);

        List<string> shown = [];
        while (shown.Count < expected.Length)
        {
            var data = (await live.NextAsync())!.Value.Data;
            shown.Add($"{data.GetProperty("user_id")}-{data.GetProperty("event_type")}");
        }
        Assert.Equal(expected, shown.Order());
    }

    [Theory]
    [InlineData("theirs", Environments.Live)]
    [InlineData("p", Environments.Test)]
    public async Task Live_EventOfAnotherProjectOrEnvironment_NeverComes(string project, string environment)
    {
        await using var monitoring = await StartAsync();
        await using var live = await LiveClient.OpenAsync(monitoring, "p");
        await using var theirs = await LiveClient.OpenAsync(monitoring, project, environment: environment);
        var shared = Guid.NewGuid();

        await _tables.AddEventAsync(project, Now, environment, payload: """{"whose":"theirs"}""", eventId: shared);
        Assert.Equal(shared, await theirs.NextIdAsync());
        await _tables.AddEventAsync("p", Now, payload: """{"whose":"ours"}""", eventId: shared);

        Assert.Equal("ours", (await live.NextAsync())!.Value.Data.GetProperty("payload").GetProperty("whose").GetString());
    }

    [Theory]
    [InlineData("' OR 1=1 --")]
    [InlineData("\\'], 'theirs")]
    [InlineData("a\\b")]
    public async Task Live_ProjectThatLooksLikeSql_IsOnlyAValue(string project)
    {
        await using var monitoring = await StartAsync();
        await using var live = await LiveClient.OpenAsync(monitoring, project);

        await _tables.AddEventAsync("theirs", Now);
        var ours = await _tables.AddEventAsync(project, Now);

        Assert.Equal(ours, await live.NextIdAsync());
    }

    [Fact]
    public async Task Live_MoreThanCanBeShown_IsSampledAndSaysOutOfHowMany()
    {
        await using var monitoring = await StartAsync();
        await using var live = await LiveClient.OpenAsync(monitoring, "p");

        await _tables.AddEventsAsync("p", Now, 30);

        for (var i = 0; i < 20; i++)
            await live.NextIdAsync();
        var (type, sampled) = (await live.NextAsync())!.Value;
        Assert.Equal(("sampled", """{"shown":20,"of":30}"""), (type, sampled.GetRawText()));
    }

    [Fact]
    public async Task Live_MoreThanAReadTakes_CountsAsManyAsItTook()
    {
        await using var monitoring = await StartAsync();
        await using var live = await LiveClient.OpenAsync(monitoring, "p");

        await _tables.AddEventsAsync("p", Now, 3_000);

        for (var i = 0; i < 20; i++)
            await live.NextIdAsync();
        var (type, sampled) = (await live.NextAsync())!.Value;
        Assert.Equal(("sampled", """{"shown":20,"of":2000}"""), (type, sampled.GetRawText()));
    }

    [Fact]
    public async Task Live_FilteredInABusyProject_ShowsTheOneThatMatches()
    {
        await using var monitoring = await StartAsync();
        await using var all = await LiveClient.OpenAsync(monitoring, "p");
        await using var live = await LiveClient.OpenAsync(monitoring, "p", "?user_id=anna");

        var rare = await _tables.AddEventAsync("p", Now, userId: "anna");
        await _tables.AddEventsAsync("p", Now, 3_000);

        Assert.Equal(rare, await live.NextIdAsync());
    }

    [Fact]
    public async Task Live_TooManyStreams_IsOverloadedUntilOneEnds()
    {
        await using var monitoring = await StartAsync("--Live:MaxStreams=1");
        await using (await LiveClient.OpenAsync(monitoring, "p"))
        {
            using var answer = await monitoring.GetAsync(Path, "q");
            await ProblemAnswer.ReadAsync(HttpStatusCode.ServiceUnavailable, ErrorCodes.Overloaded, answer);
            Assert.NotNull(answer.Headers.RetryAfter?.Delta);
        }

        await Eventually.IsAsync(HttpStatusCode.OK, async () =>
        {
            using var answer = await monitoring.GetAsync(Path, "q", completion: HttpCompletionOption.ResponseHeadersRead);
            return answer.StatusCode;
        });
    }

    [Fact]
    public async Task Live_TooManyStreamsOfAProject_RefusesItsNextAndNoOther()
    {
        await using var monitoring = await StartAsync("--Live:MaxStreamsPerProject=1");
        await using var first = await LiveClient.OpenAsync(monitoring, "p");

        using var answer = await monitoring.GetAsync(Path, "p");
        var problem = await ProblemAnswer.ReadAsync(HttpStatusCode.ServiceUnavailable, ErrorCodes.Overloaded, answer);

        Assert.StartsWith("The project has as many live streams open as it may: 1.", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        await using var other = await LiveClient.OpenAsync(monitoring, "q");
    }

    [Fact]
    public async Task Live_ItsTimeIsOver_EndsInGoodOrder()
    {
        await using var monitoring = await StartAsync("--Live:Duration=00:00:01");
        await using var live = await LiveClient.OpenAsync(monitoring, "p");

        Assert.Null(await live.NextAsync());
    }

    [Fact]
    public async Task Live_Shutdown_EndsInGoodOrder()
    {
        await using var monitoring = await StartAsync();
        await using var live = await LiveClient.OpenAsync(monitoring, "p");

        var stopping = monitoring.StopAsync();

        Assert.Null(await live.NextAsync());
        await stopping;
    }

    [Fact]
    public async Task Live_WarehouseAwayAndNothingComes_ShowsThatItIsAlive()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var monitoring = await MonitoringUnderTest.StartAsync(MonitoringUnderTest.NoWarehouse, clock, settings: "--Live:Duration=01:00:00");
        await using var live = await LiveClient.OpenAsync(monitoring, "p");

        for (var i = 0; i < 3; i++)
        {
            var comment = live.CommentAsync();
            await Eventually.TrueAsync(() => comment.IsCompleted, "a comment came", () => clock.Advance(TimeSpan.FromMilliseconds(100)));
            await comment;
        }
    }

    [Theory]
    [InlineData("user_id=a&user_id=b", "user_id")]
    [InlineData("event_type=a&event_type=b", "event_type")]
    public async Task Live_WrongParameter_IsInvalidParameterAndNamesIt(string query, string parameter)
    {
        await using var monitoring = await StartAsync();

        using var answer = await monitoring.GetAsync($"{Path}?{query}", "p");

        var problem = await ProblemAnswer.ReadAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidParameter, answer);
        Assert.StartsWith(parameter + " ", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RecentEvents_OfTheCanary_AreNotKept()
    {
        await _tables.AddEventAsync(Canary.ProjectId, Now, Environments.Test);
        await _tables.AddEventAsync("p", Now);

        Assert.Equal("p", await IngestorHost.AskAsync(_tables.ConnectionString, "SELECT arrayStringConcat(groupArray(project_id)) FROM recent_events"));
    }

    private Task<MonitoringUnderTest> StartAsync(params string[] settings) => MonitoringUnderTest.StartAsync(_tables.ConnectionString, settings: settings);
}
