using System.Collections.Concurrent;
using System.Net;
using SegOps.AppHost.Resources.Redis;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.EndToEnd;

[Collection(EndToEndCollection.Name)]
public sealed class RestartTests
{
    /// <summary>For a part to start again on a busy machine, and for the lease of what it had received to end (10 s).</summary>
    private static readonly TimeSpan StartAndLease = TimeSpan.FromSeconds(60);

    private const string Event = """{"user_id":"u","event_type":"order_placed"}""";

    [Fact]
    public async Task Restart_OnTheSameFolder_KeepsEvents()
    {
        using var folder = new TemporaryFolder();
        string requestId;
        await using (var first = await RunningSystem.StartAsync(folder.Path))
        {
            requestId = (await first.Api.TrackAsync(DemoKeys.Free.Key, Event)).RequestId;
            await Eventually.IsAsync(1, () => first.Warehouse.CountAsync(requestId));
        }

        await using var second = await RunningSystem.StartAsync(folder.Path);

        Assert.Equal(1, await second.Warehouse.CountAsync(requestId));
    }

    [Fact]
    public async Task Stop_RightAfterThe202_StoresTheEventFirst()
    {
        using var folder = new TemporaryFolder();
        string requestId;
        await using (var first = await RunningSystem.StartAsync(folder.Path))
            requestId = (await first.Api.TrackAsync(DemoKeys.Free.Key, Event)).RequestId;

        await using var second = await RunningSystem.StartAsync(folder.Path);

        Assert.Equal(1, await second.Warehouse.CountAsync(requestId));
    }

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
        using var folder = new TemporaryFolder();
        await using var system = await RunningSystem.StartAsync(folder.Path);

        await system.System.Parts[part].KillAsync(TestContext.Current.CancellationToken);

        await Eventually.IsAsync(HttpStatusCode.Accepted, () => StatusAsync(system));
        var answer = await system.Api.TrackAsync(DemoKeys.Free.Key, Event);
        await Eventually.IsAsync(1, () => StoredAsync(system, answer.RequestId), StartAndLease);
    }

    [Fact]
    public async Task Stop_UnderLoad_StoresAllThatGotA202()
    {
        using var folder = new TemporaryFolder();
        var accepted = new ConcurrentBag<string>();
        await using (var first = await RunningSystem.StartAsync(folder.Path))
        {
            var sending = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SendUntilRefusedAsync(first, accepted)));
            await Eventually.TrueAsync(() => accepted.Count > 20, () => $"{accepted.Count} were accepted");
            await first.System.StopAsync();
            await sending;
        }

        await using var second = await RunningSystem.StartAsync(folder.Path);

        var stored = await second.Warehouse.ColumnAsync("SELECT DISTINCT toString(request_id) FROM events");
        Assert.Empty(accepted.Except(stored));
    }

    /// <summary>Sends one event after the other until the system stops.</summary>
    private static async Task SendUntilRefusedAsync(RunningSystem system, ConcurrentBag<string> accepted)
    {
        try
        {
            while (await system.Api.PostAsync(DemoKeys.Enterprise.Key, Api.Single, Event) is { Status: HttpStatusCode.Accepted } answer)
                accepted.Add(answer.RequestId);
        }
        catch (HttpRequestException)
        {
            // The gateway has stopped.
        }
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
            return (await system.Api.PostAsync(DemoKeys.Free.Key, Api.Single, Event)).Status;
        }
        catch (HttpRequestException)
        {
            return HttpStatusCode.ServiceUnavailable;
        }
    }
}
