using System.Globalization;
using System.Text;
using CsCheck;
using SegOps.Contracts;

namespace SegOps.Tests.Unit.Contracts;

/// <summary>The forms of times are tested where they are sent: TimestampTests of Ingestion.</summary>
public sealed class TimestampParserTests
{
    [Fact]
    public void TryParse_WhatDateTimeOffsetWrites_IsReadAlike() => Gen.DateTimeOffset.Sample(time =>
    {
        Assert.True(TimestampParser.TryParse(Encoding.UTF8.GetBytes(time.ToString("O", CultureInfo.InvariantCulture)), out var ticks));
        Assert.Equal(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMicrosecond), ticks);
    });
}
