using Microsoft.AspNetCore.Http;
using SegOps.Monitoring.Volume;

namespace SegOps.Tests.Unit.Monitoring;

public sealed class VolumeTests
{
    private static readonly VolumeWindow Day = VolumeWindow.Parse(new QueryCollection());

    [Theory]
    [InlineData("10:00:00", "10:15:00")]
    [InlineData("10:14:59.9999999", "10:15:00")]
    [InlineData("10:15:00", "10:30:00")]
    public void At_AnyTime_EndsWithTheRunningBucket(string now, string expected)
    {
        var day = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

        var (from, to) = Day.At(day + TimeSpan.Parse(now, System.Globalization.CultureInfo.InvariantCulture));

        Assert.Equal(day + TimeSpan.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), to);
        Assert.Equal(TimeSpan.FromHours(24), to - from);
    }

    [Fact]
    public void Of_CountsWithGaps_FillsThemWithZerosAndSumsUp()
    {
        var (from, to) = Day.At(new DateTimeOffset(2026, 3, 1, 10, 0, 0, TimeSpan.Zero));

        var volume = VolumeAnswer.Of(Day, from, to, [new(to - Day.Bucket, 3, 0, 0), new(from, 2, 4, 5)]);

        Assert.Equal(Day.Buckets, volume.Points.Count);
        Assert.Equal(new VolumePoint(from, 2, 4, 5), volume.Points[0]);
        Assert.Equal(new VolumePoint(from + Day.Bucket, 0, 0, 0), volume.Points[1]);
        Assert.Equal(new VolumePoint(to - Day.Bucket, 3, 0, 0), volume.Points[^1]);
        Assert.Equal((5, 4, 5), (volume.Accepted, volume.Rejected, volume.Warnings));
    }
}
