using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.Monitoring.Audit;

namespace SegOps.Tests.EndToEnd;

[Collection(EndToEndCollection.Name)]
public sealed class EventAuditTests(SystemFixture fixture)
{
    [Fact]
    public async Task Audit_EventsOfAllKinds_Balances()
    {
        var system = await fixture.GetAsync();
        var project = await system.Admin.CreateProjectAsync("""{"name":"kept in the ledger","plan":"business"}""");
        var key = await system.Admin.CreateKeyAsync(project, Environments.Live);
        var id = Guid.NewGuid();
        var batch = $$"""{"events":[{"event_id":"{{id}}","event_type":"t","user_id":"u"},{"event_id":"{{id}}","event_type":"t","user_id":"u"},{"event_type":"t","user_id":"u"},{}]}""";

        await system.Api.TrackBatchAsync(key, batch); // two events, one of them twice, and one refused
        await system.Api.TrackAsync(key, $$"""{"event_id":"{{id}}","event_type":"t","user_id":"u"}"""); // a retry
        await system.Api.PostAsync(key, Api.Single, """{"user_id":"u"}"""); // refused
        await system.Api.PostAsync(key, Api.Single, "{"); // refused as a whole

        await Eventually.IsAsync("received 6, stored 2, duplicates 1, rejected 3: balanced", async () =>
        {
            var audit = (await system.Api.GetAsync(key, "/api/monitoring/ledger")).Json;
            return $"{EventAuditUnderTest.Totals(audit)}: {audit.GetProperty("state")}";
        });
    }
}
