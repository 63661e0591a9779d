using System.Text.RegularExpressions;
using SegOps.AppHost.Resources.Redis;

namespace SegOps.Tests.Unit.Docs;

/// <summary>Holds the keys that people paste against those that the app host makes.</summary>
public partial class DemoKeyTests
{
    [Theory]
    [InlineData("README.md")]
    [InlineData("requests/ingestion.http")]
    [InlineData("requests/monitoring.http")]
    [InlineData("requests/segments.http")]
    public void Document_EveryKeyInIt_IsADemoKey(string document)
    {
        var keys = Key().Matches(Repository.Read(document));

        Assert.NotEmpty(keys);
        Assert.All(keys, key => Assert.Contains(key.Value, DemoKeys.All.Select(demo => demo.Key)));
    }

    [GeneratedRegex("[sp]k_(live|test)_[0-9A-Za-z]{8,}")]
    private static partial Regex Key();
}
