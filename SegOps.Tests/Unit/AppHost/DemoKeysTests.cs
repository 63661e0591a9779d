using SegOps.AppHost.Resources.Redis;
using SegOps.Contracts;

namespace SegOps.Tests.Unit.AppHost;

public sealed class DemoKeysTests
{
    [Fact]
    public void All_EveryKey_HasAValidChecksum() =>
        Assert.All(DemoKeys.All, demo => Assert.True(ApiKey.TryParse(demo.Key, out _), demo.Label));

    [Fact]
    public void All_OfTheirPlans_CoverEachPlan() =>
        Assert.Equal(["business", "enterprise", "free", "starter"], DemoKeys.All.Select(demo => demo.Plan).Distinct().Order());

    [Fact]
    public void All_OfTheirKinds_HoldOnePublishableKey() =>
        Assert.Single(DemoKeys.All, demo => ApiKey.TryParse(demo.Key, out var key) && key.Kind == ApiKeyKind.Publishable);

    [Theory]
    [InlineData("127.0.0.1:6379", true)]
    [InlineData("localhost:6379,password=x", true)]
    [InlineData("[::1]:6379", true)]
    [InlineData("10.0.0.5:6379", false)]
    [InlineData("redis.example.com:6380,ssl=true", false)]
    [InlineData("localhost:6379,redis.example.com:6379", false)]
    public void IsLocal_OnlyRedisOfThisMachine_IsTrue(string connectionString, bool expected) =>
        Assert.Equal(expected, DemoKeys.IsLocal(connectionString));
}
