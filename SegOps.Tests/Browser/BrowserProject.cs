using SegOps.Contracts;
using SegOps.Tests.EndToEnd;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Browser;

/// <summary>A project of a test's own, whose events nobody else sends.</summary>
internal sealed record BrowserProject(RunningSystem System, string Id, string Key)
{
    public static async Task<BrowserProject> CreateAsync(RunningSystem system, string environment = Environments.Live)
    {
        var id = await system.Admin.CreateProjectAsync("""{"name":"seen in a browser","plan":"business"}""");
        return new(system, id, await system.Admin.CreateKeyAsync(id, environment));
    }

    /// <summary>Sends an event and returns its id.</summary>
    public async Task<Guid> SendAsync(string eventType = "order_placed", string user = "user-1", string payload = "{}")
    {
        var id = Guid.NewGuid();
        await System.Api.TrackAsync(Key, $$"""{"event_id":"{{id}}","event_type":"{{eventType}}","user_id":"{{user}}","payload":{{payload}}}""");
        return id;
    }

    /// <summary>Sends so many events, 500 a batch, and waits until they are stored.</summary>
    public async Task SendManyAsync(int count)
    {
        for (var sent = 0; sent < count; sent += EventLimits.MaxBatchEvents)
        {
            var size = Math.Min(EventLimits.MaxBatchEvents, count - sent);
            var events = Enumerable.Range(sent, size).Select(number => $$"""{"event_type":"order_placed","user_id":"user-{{number}}"}""");
            var answer = await System.Api.TrackBatchAsync(Key, $$"""{"events":[{{string.Join(',', events)}}]}""");
            await Eventually.IsAsync(size, () => System.Warehouse.CountAsync(answer.RequestId));
        }
    }

    /// <summary>Sends something for every section: events of several types and users, one refused, one with a warning.</summary>
    public async Task FillAsync()
    {
        foreach (var (type, count) in ((string, int)[])[("page_viewed", 6), ("cart_updated", 3), ("order_placed", 2), ("a_rather_long_event_type_that_has_to_fit_into_a_narrow_column", 1)])
            for (var i = 0; i < count; i++)
                await SendAsync(type, $"user-{i}", """{"total":89.95,"currency":"USD","items":[{"sku":"A-1","quantity":2}]}""");
        await System.Api.TrackAsync(Key, """{"user_id":"user-1","event_type":"Order Placed","userId":"user-1"}""");
        await System.Api.PostAsync(Key, Api.Single, """{"user_id":"user-1"}""");
    }
}
