using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SegOps.ServiceDefaults.Telemetry;

namespace SegOps.Tests.Unit.ServiceDefaults;

public sealed class LineFormatterTests
{
    private static readonly FakeTimeProvider Clock = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero));

    [Fact]
    public void Write_AnEntry_IsOneLineWithTimeLevelAndShortCategory() =>
        Assert.Equal("03:04:05.678 warn Batcher: 3 rows wait" + Environment.NewLine, Written("SegOps.Ingestor.Batcher", null));

    [Fact]
    public void Write_ACategoryWithoutDots_IsKeptWhole() =>
        Assert.StartsWith("03:04:05.678 warn Batcher: ", Written("Batcher", null), StringComparison.Ordinal);

    [Fact]
    public void Write_AnException_FollowsBelow() => Assert.Equal(
        "03:04:05.678 warn Batcher: 3 rows wait" + Environment.NewLine + "System.InvalidOperationException: too late" + Environment.NewLine,
        Written("SegOps.Ingestor.Batcher", new InvalidOperationException("too late")));

    private static string Written(string category, Exception? exception)
    {
        using var writer = new StringWriter();
        var entry = new LogEntry<int>(LogLevel.Warning, category, new EventId(25116975), 3, exception, (rows, _) => $"{rows} rows wait");
        new LineFormatter(Clock).Write(entry, null, writer);
        return writer.ToString();
    }
}
