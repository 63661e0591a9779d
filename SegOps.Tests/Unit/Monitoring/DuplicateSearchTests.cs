using System.Globalization;
using SegOps.Monitoring.Rollups;

namespace SegOps.Tests.Unit.Monitoring;

public sealed class DuplicateSearchTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("3", "3")]
    [InlineData("3 4 4", "3 4 | 4")]
    [InlineData("10 10", "10 | 10")]
    [InlineData("1 99 1", "1 | 99 | 1")] // one that is too large is a part of its own
    public void Parts_OfSizes_HoldAtMostTenUnlessOneIsLarger(string sizes, string expected)
    {
        var all = sizes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(size => long.Parse(size, CultureInfo.InvariantCulture));

        var parts = DuplicateSearch.Parts(all, size => size, most: 10);

        Assert.Equal(expected, string.Join(" | ", parts.Select(part => string.Join(' ', part))));
    }
}
