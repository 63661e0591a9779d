using System.Net;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.EndToEnd;

/// <summary>The example of docs/segments.md through the whole system.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class SegmentsTests(SystemFixture fixture)
{
    private const string Segment = """{"name":"Starter customers","rule":{"type":"user_property","property":"plan","operator":"in","value":["starter"]} }""";

    [Fact]
    public async Task Identify_OfTheDocumentation_MakesTheUserAMember()
    {
        var system = await fixture.GetAsync();
        var key = await system.Admin.CreateKeyAsync(await system.Admin.CreateProjectAsync("""{"name":"segmented","plan":"free"}"""));
        var created = await system.Api.PostAsync(key, "/api/segments/", Segment);
        Assert.True(created.Status == HttpStatusCode.Created, created.Text);
        var id = created.Json.GetProperty("id").GetGuid();
        var (user, sent) = (Unique.Name("user-"), Guid.NewGuid());

        await system.Api.TrackAsync(key, $$"""{"event_id":"{{sent}}","user_id":"{{user}}","event_type":"context_identified","payload":{"plan":"starter"} }""");

        // Each call waits up to 2 s for the event, which is enough but for a busy machine.
        await Eventually.IsAsync("True", async () =>
        {
            var check = await system.Api.GetAsync(key, $"/api/segments/{id}/users/{user}?after_event={sent}");
            return check.Status == HttpStatusCode.OK ? check.Json.GetProperty("match").GetBoolean().ToString() : check.Text;
        });
        await Eventually.IsAsync(user, async () =>
        {
            var members = await system.Api.GetAsync(key, $"/api/segments/{id}/members");
            return members.Status == HttpStatusCode.OK
                ? string.Join(", ", members.Json.GetProperty("members").EnumerateArray().Select(member => member.GetProperty("user_id").GetString()))
                : members.Text;
        });
    }
}
