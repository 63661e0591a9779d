using SegOps.AppHost.Resources.Redis;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.EndToEnd;

[Collection(EndToEndCollection.Name)]
public sealed class ExternalServersTests(ClickHouseFixture clickHouse, PubSubEmulatorFixture pubSub, RedisFixture redis) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact(Explicit = true)]
    [Trait("Stage", "long")]
    public async Task Start_OnServersOfOnesOwn_StoresThereAndKeepsNoneBesides()
    {
        var database = await clickHouse.NewDatabaseAsync();
        await using var appHost = AppHostProcess.Start(
        [
            "--port", "0", "--data", _folder.Path,
            $"--ConnectionStrings:clickhouse={database}", $"--ConnectionStrings:pubsub={await pubSub.NewProjectAsync()}", $"--ConnectionStrings:redis={await redis.ConnectionStringAsync()}",
        ]);
        using var api = new Api(await appHost.BannerAsync());

        var answer = await api.TrackAsync(DemoKeys.Free.Key, """{"user_id":"u","event_type":"order_placed"}""");

        await Eventually.IsAsync(1, () => new Warehouse(database).CountAsync(answer.RequestId));
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "clickhouse")), "It keeps a ClickHouse of its own besides.");
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "redis")), "It keeps a Redis of its own besides.");
    }

    public void Dispose() => _folder.Dispose();
}
