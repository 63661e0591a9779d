using System.Text.RegularExpressions;
using SegOps.Standalone;

namespace SegOps.Tests.Unit.Docs;

/// <summary>Holds the keys that people paste against those that Standalone makes.</summary>
public partial class DemoKeyTests
{
    [Theory]
    [InlineData("README.md")]
    [InlineData("requests/ingestion.http")]
    [InlineData("requests/monitoring.http")]
    public void Document_EveryKeyInIt_IsADemoKey(string document)
    {
        var keys = Key().Matches(Repository.Read(document));

        Assert.NotEmpty(keys);
        Assert.All(keys, key => Assert.Contains(key.Value, DemoKeys.All.Select(demo => demo.Key)));
    }

    [Fact]
    public async Task SeedDemo_RedisOnAnotherMachine_WritesNothing() =>
        Assert.Equal(1, await DemoKeys.RunAsync(["--redis", "redis.example.com:6379"]));

    [GeneratedRegex("sk_(live|test)_[0-9A-Za-z]{8,}")]
    private static partial Regex Key();
}
