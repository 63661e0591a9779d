using SegOps.ServiceDefaults.Redis;

namespace SegOps.Tests.Unit.ServiceDefaults;

public sealed class RedisStateTests
{
    private const string Good = "# Server\r\nredis_version:7.2.0\r\n# Memory\r\nmaxmemory_policy:noeviction\r\n# Persistence\r\naof_enabled:1\r\n";

    [Fact]
    public void Of_EverythingAsRecommended_FindsNothing()
    {
        var state = RedisState.Of(Good, null);

        Assert.Empty(state.Faults);
        Assert.Empty(state.Notes);
    }

    [Theory]
    [InlineData("6.2.14", "Its version 6.2.14 is older than 7.0, the oldest that SegOps is tested with.")]
    [InlineData("5.0.7", "Its version 5.0.7 is older than 7.0, the oldest that SegOps is tested with.")]
    public void Of_VersionThatIsTooOld_IsAFault(string version, string fault) =>
        Assert.Equal([fault], RedisState.Of(Good.Replace("7.2.0", version, StringComparison.Ordinal), null).Faults);

    [Fact]
    public void Of_VersionWithoutWaitAof_SaysWhatACrashCanForget()
    {
        var state = RedisState.Of(Good.Replace("7.2.0", "7.0.15", StringComparison.Ordinal), null);

        Assert.Empty(state.Faults);
        Assert.StartsWith("Version 7.0.15 has no WAITAOF", Assert.Single(state.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_Garnet_IsUnknown()
    {
        var state = RedisState.Of("redis_version:7.4.3\r\ngarnet_version:2.2.8\r\n", null);

        Assert.Empty(state.Faults);
        Assert.StartsWith("It is Garnet.", Assert.Single(state.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_NoAnswerAtAll_IsUnknown()
    {
        var state = RedisState.Of("", null);

        Assert.Empty(state.Faults);
        Assert.All(state.Notes, note => Assert.EndsWith("unknown.", note, StringComparison.Ordinal));
    }
}
