using System.Net;
using SegOps.AppHost.Resources.Redis;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.EndToEnd;

/// <summary>A part that is killed; all share a system of their own. How the system stops: <see cref="AppHostTests"/>.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class RestartTests(SystemFixture fixture) : IClassFixture<SystemFixture>
{
    /// <summary>For a part to start again on a busy machine, and for the lease of what it had received to end (10 s).</summary>
    private static readonly TimeSpan StartAndLease = TimeSpan.FromSeconds(60);

    private const string Event = """{"user_id":"u","event_type":"order_placed"}""";

    [Theory(Explicit = true)]
    [Trait("Stage", "long")]
    [InlineData("gateway")]
    [InlineData("ingestion")]
    [InlineData("ingestor")]
    [InlineData("pubsub")]
    [InlineData("clickhouse")]
    [InlineData("redis")]
    public async Task Kill_OnePart_ComesBackAndWorks(string part)
    {
        var system = await fixture.GetAsync();

        await system.System.Parts[part].KillAsync(TestContext.Current.CancellationToken);

        await Eventually.IsAsync(HttpStatusCode.Accepted, () => StatusAsync(system));
        var answer = await system.Api.TrackAsync(DemoKeys.Enterprise.Key, Event);
        await Eventually.IsAsync(1, () => StoredAsync(system, answer.RequestId), StartAndLease);
    }

    /// <summary>The orchestrator gives up the start of a part when one that it waits for has ended.</summary>
    [Fact(Explicit = true)]
    [Trait("Stage", "long")]
    public async Task Kill_WhileAPartThatItNeedsIsStopped_ComesBackWithIt()
    {
        var (system, stop) = (await fixture.GetAsync(), TestContext.Current.CancellationToken);
        var (needed, killed) = (system.System.Parts["clickhouse"], system.System.Parts["ingestor"]);
        await needed.StopAsync(stop);
        var before = killed.Id;
        await killed.KillAsync(stop);
        await killed.WaitForFailedStartAsync(stop);

        await needed.StartAsync(stop);

        await killed.WaitForRestartAsync(before, stop);
        var answer = await system.Api.TrackAsync(DemoKeys.Enterprise.Key, Event);
        await Eventually.IsAsync(1, () => StoredAsync(system, answer.RequestId), StartAndLease);
    }

    /// <summary>How many events of a request are stored, as far as ClickHouse, which may be about to start again, says so.</summary>
    private static async Task<int> StoredAsync(RunningSystem system, string requestId)
    {
        try
        {
            return await system.Warehouse.CountAsync(requestId);
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }

    private static async Task<HttpStatusCode> StatusAsync(RunningSystem system)
    {
        try
        {
            return (await system.Api.PostAsync(DemoKeys.Enterprise.Key, Api.Single, Event)).Status;
        }
        catch (HttpRequestException)
        {
            return HttpStatusCode.ServiceUnavailable;
        }
    }
}
