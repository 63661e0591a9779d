using SegOps.Tests.Fixtures;
using StackExchange.Redis;

namespace SegOps.Tests.Integration.AppHost;

public sealed class FixtureTests(PubSubEmulatorFixture pubSub, RedisFixture redis)
{
    [Fact]
    public async Task PubSub_EachProject_IsNewOnOneEmulator()
    {
        var first = await pubSub.NewProjectAsync();
        var second = await pubSub.NewProjectAsync();

        Assert.NotEqual(first, second);
        Assert.Equal(first.Split(';')[0], second.Split(';')[0]);
    }

    [Fact]
    public async Task Redis_Started_StoresAndReads()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(await redis.ConnectionStringAsync());
        var key = Unique.Name("test:");

        await connection.GetDatabase().StringSetAsync(key, "stored");

        Assert.Equal("stored", await connection.GetDatabase().StringGetAsync(key));
    }
}
