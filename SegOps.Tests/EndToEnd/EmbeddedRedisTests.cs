using System.Net;
using SegOps.AppHost.Resources.Redis;
using SegOps.Tests.Fixtures;
using SegOps.Bench.Running;
using SegOps.AppHost;

namespace SegOps.Tests.EndToEnd;

[Collection(EndToEndCollection.Name)]
public sealed class EmbeddedRedisTests : IDisposable
{
    private const string Event = """{"user_id":"u","event_type":"order_placed"}""";

    private readonly TemporaryFolder _folder = new();

    [Fact(Explicit = true)]
    [Trait("Stage", "long")]
    public async Task Start_OnAMachineWithoutRedis_AcceptsAndStoresEvents()
    {
        await using var system = await LocalSystem.StartAsync(
            new LocalSystemOptions { DataDirectory = _folder.Path, RedisKind = RedisKind.Garnet }, TestContext.Current.CancellationToken);
        using var api = new Api(system.GatewayUrl);

        await Eventually.IsAsync(HttpStatusCode.Accepted, StatusAsync);
        var answer = await api.TrackAsync(DemoKeys.Starter.Key, Event);

        await Eventually.IsAsync(1, () => new Warehouse(system.ClickHouseConnectionString).CountAsync(answer.RequestId));

        // The first request of a .NET process may take longer than its publish deadline on a busy machine.
        async Task<HttpStatusCode> StatusAsync() => (await api.PostAsync(DemoKeys.Starter.Key, Api.Single, Event)).Status;
    }

    public void Dispose() => _folder.Dispose();
}
