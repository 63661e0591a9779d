using System.Net;
using SegOps.AppHost.Resources.Redis;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.EndToEnd;

[Collection(EndToEndCollection.Name)]
public sealed class MonitoringTests(SystemFixture fixture)
{
    [Fact]
    public async Task Health_EverythingRuns_EveryStageIsOk()
    {
        var system = await fixture.GetAsync();

        await Eventually.IsAsync("event_stream ok, ingestor_worker ok, analytics_warehouse ok", async () =>
        {
            var answer = await system.Api.GetAsync(DemoKeys.Free.Key, "/api/monitoring/health");
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            return string.Join(", ", answer.Json.GetProperty("stages").EnumerateArray()
                .Select(stage => $"{stage.GetProperty("stage").GetString()} {stage.GetProperty("state").GetString()}"));
        });
    }

    [Fact]
    public async Task Events_OfAUser_HoldWhatWasSent()
    {
        var system = await fixture.GetAsync();
        var user = Unique.Name("user-");

        await system.Api.TrackAsync(DemoKeys.Free.Key, $$"""{"user_id":"{{user}}","event_type":"order_placed","payload":{"total":89.95} }""");

        await Eventually.IsAsync("""order_placed {"total":89.95}""", () => EventsAsync(system, DemoKeys.Free.Key, user));
    }

    [Fact]
    public async Task Events_OfAnotherProject_AreNotShown()
    {
        var system = await fixture.GetAsync();
        var user = Unique.Name("user-");

        await system.Api.TrackAsync(DemoKeys.Free.Key, $$"""{"user_id":"{{user}}","event_type":"order_placed"}""");
        await Eventually.IsAsync("order_placed {}", () => EventsAsync(system, DemoKeys.Free.Key, user));

        Assert.Empty(await EventsAsync(system, DemoKeys.Starter.Key, user));
        Assert.Empty(await EventsAsync(system, DemoKeys.Test.Key, user));
    }

    [Theory]
    [InlineData("24h")]
    [InlineData("7d")]
    public async Task Volume_AfterABatch_CountsItsEvents(string window)
    {
        var system = await fixture.GetAsync();
        var key = await NewKeyAsync(system);

        await system.Api.TrackBatchAsync(key,
            """{"events":[{"user_id":"a","event_type":"x"},{"user_id":"b","event_type":"x"},{"user_id":"c","event_type":"x"}]}""");

        await Eventually.IsAsync(3, async () =>
            (await system.Api.GetAsync(key, $"/api/monitoring/volume?window={window}")).Json.GetProperty("accepted").GetInt32());
    }

    [Fact]
    public async Task Errors_AfterAnInvalidEvent_ShowItsCodeFieldFixAndShape()
    {
        var system = await fixture.GetAsync();
        var key = await NewKeyAsync(system);

        await system.Api.PostAsync(key, Api.Single, """{"userId":"somebody@example.com","event_type":"order_placed","payload":{"total":89.95}}""");

        await Eventually.IsAsync(
            """required user_id {"userId":"string(20)","event_type":"string(12)","payload":"object(1)"}""", () => GroupsAsync(system, key, "errors"));
    }

    [Fact]
    public async Task Warnings_AfterAnUnknownField_ShowItsCodeFieldFixAndShape()
    {
        var system = await fixture.GetAsync();
        var key = await NewKeyAsync(system);

        await system.Api.TrackAsync(key, """{"user_id":"u","event_type":"order_placed","colour":"blue"}""");

        await Eventually.IsAsync(
            """unknown_field colour {"user_id":"string(1)","event_type":"string(12)","colour":"string(4)"}""", () => GroupsAsync(system, key, "warnings"));
    }

    /// <summary>A key of a project of the test's own, whose lists and counts hold nothing else.</summary>
    private static async Task<string> NewKeyAsync(RunningSystem system) =>
        await system.Admin.CreateKeyAsync(await system.Admin.CreateProjectAsync("""{"name":"monitored","plan":"free"}"""));

    private static async Task<string> GroupsAsync(RunningSystem system, string key, string list)
    {
        var answer = await system.Api.GetAsync(key, $"/api/monitoring/{list}");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return string.Join('|', answer.Json.GetProperty("groups").EnumerateArray().Select(group =>
        {
            Assert.NotEmpty(group.GetProperty("fix").GetString()!);
            return $"{group.GetProperty("code").GetString()} {group.GetProperty("field").GetString()} {group.GetProperty("sample").GetRawText()}";
        }));
    }

    private static async Task<string> EventsAsync(RunningSystem system, string key, string user)
    {
        var answer = await system.Api.GetAsync(key, $"/api/monitoring/events?user_id={user}");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return string.Join('|', answer.Json.GetProperty("events").EnumerateArray()
            .Select(stored => $"{stored.GetProperty("event_type").GetString()} {stored.GetProperty("payload").GetRawText()}"));
    }
}
