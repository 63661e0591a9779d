using System.Net;
using SegOps.AppHost.Resources.Redis;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.EndToEnd;

[Collection(EndToEndCollection.Name)]
public sealed class ReceiptTests(SystemFixture fixture)
{
    private readonly Guid _id = Guid.NewGuid();

    [Fact]
    public async Task Event_Accepted_IsStored()
    {
        var system = await fixture.GetAsync();

        await system.Api.TrackAsync(DemoKeys.Free.Key, Event());

        await Eventually.IsAsync("stored", () => StateAsync(system));
    }

    [Fact]
    public async Task Event_WithoutAnIdOfItsOwn_IsFoundByTheOneOfItsAnswer()
    {
        var system = await fixture.GetAsync();

        var answer = await system.Api.TrackAsync(DemoKeys.Free.Key, """{"user_id":"u","event_type":"order_placed"}""");

        var id = answer.Json.GetProperty("event_ids")[0].GetGuid();
        await Eventually.IsAsync("stored", () => StateAsync(system, id));
    }

    [Fact]
    public async Task Event_Refused_IsRejectedWithItsFault()
    {
        var system = await fixture.GetAsync();

        await system.Api.PostAsync(DemoKeys.Free.Key, Api.Single, $$"""{"event_id":"{{_id}}","event_type":"order_placed"}""");

        await Eventually.IsAsync("rejected", () => StateAsync(system));
        var error = Assert.Single((await AskAsync(system, _id)).Json.GetProperty("errors").EnumerateArray());
        Assert.Equal("required user_id", $"{error.GetProperty("code").GetString()} {error.GetProperty("field").GetString()}");
    }

    [Fact]
    public async Task Event_RefusedFirstAndMended_IsStored()
    {
        var system = await fixture.GetAsync();
        await system.Api.PostAsync(DemoKeys.Free.Key, Api.Single, $$"""{"event_id":"{{_id}}","event_type":"order_placed"}""");
        await Eventually.IsAsync("rejected", () => StateAsync(system));

        await system.Api.TrackAsync(DemoKeys.Free.Key, Event());

        await Eventually.IsAsync("stored", () => StateAsync(system));
    }

    [Fact]
    public async Task Event_WhileTheIngestorIsStopped_IsInFlightAndStoredLater()
    {
        var system = await fixture.GetAsync();
        await using (await system.WithoutAsync("ingestor"))
        {
            await system.Api.TrackAsync(DemoKeys.Free.Key, Event());
            await Eventually.IsAsync("in_flight", () => StateAsync(system));
        }

        await Eventually.IsAsync("stored", () => StateAsync(system));
    }

    private string Event() => $$"""{"event_id":"{{_id}}","user_id":"u","event_type":"order_placed"}""";

    private static Task<Answer> AskAsync(RunningSystem system, Guid id) => system.Api.GetAsync(DemoKeys.Free.Key, $"/api/ingestion/events/{id}");

    private async Task<string?> StateAsync(RunningSystem system, Guid? id = null)
    {
        var answer = await AskAsync(system, id ?? _id);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.Json.GetProperty("state").GetString();
    }
}
