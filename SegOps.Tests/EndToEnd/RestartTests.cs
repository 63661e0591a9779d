using System.Net;
using SegOps.Standalone;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.EndToEnd;

[Collection(EndToEndCollection.Name)]
public sealed class RestartTests
{
    /// <summary>
    /// The emulator hands one delivery to each of a killed ingestor's four streams before it notices, each for a lease of 10 s; the real
    /// service sees that the connection is gone. For the same reason these tests have a system of their own.
    /// </summary>
    private static readonly TimeSpan LeasesOfTheDead = TimeSpan.FromSeconds(120);

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

    [Theory]
    [InlineData("gateway")]
    [InlineData("ingestion")]
    [InlineData("ingestor")]
    public async Task Kill_OneService_ComesBackAndWorks(string service)
    {
        using var folder = new TemporaryFolder();
        await using var system = await RunningSystem.StartAsync(folder.Path);
        var process = system.System.Parts[service].Child;

        process.Kill();
        await process.Exited;

        await Eventually.IsAsync(HttpStatusCode.Accepted, () => StatusAsync(system));
        var answer = await system.Api.TrackAsync(DemoKeys.Free.Key, Event);
        await Eventually.IsAsync(1, () => system.Warehouse.CountAsync(answer.RequestId), LeasesOfTheDead);
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
