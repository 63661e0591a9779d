using System.Text;
using SegOps.Cli.Replay;
using SegOps.Contracts;
using SegOps.Tests.Integration.Ingestor;
using SegOps.Warehouse;

namespace SegOps.Tests.Unit.Cli.Replay;

public sealed class CorrectedRowsTests
{
    private static readonly Guid Id = Guid.NewGuid();
    private static readonly Guid Request = Guid.NewGuid();

    [Fact]
    public void Read_SpreadOverLines_BecomesOneLineOtherwiseAsItWas()
    {
        var row = Row("2026-01-02 03:04:05.000006");

        var rows = Read(Refused(), "\n" + row.Replace(",\"", ",\r\n  \"", StringComparison.Ordinal) + "\n\n");

        Assert.Equal(row.Replace(",\"", ",    \"", StringComparison.Ordinal) + "\n", Encoding.UTF8.GetString(Assert.Single(rows).Bytes.Span));
    }

    [Theory]
    [InlineData(EventColumns.ProjectId, "prj_2")]
    [InlineData(EventColumns.Environment, "test")]
    [InlineData(EventColumns.EventId, "0193a1b2-0000-7000-8000-000000000001")]
    [InlineData(EventColumns.RequestId, "0193a1b2-0000-7000-8000-000000000001")]
    [InlineData(EventColumns.ReceivedAt, "2026-01-03 03:04:06.000000")]
    public void Read_ChangesWhatIdentifiesTheEvent_IsRefusedAndNamed(string column, string value)
    {
        var refusal = Assert.Throws<ReplayException>(() => Read(Refused(), Row("2026-01-02 03:04:05.000006", column, value)));

        Assert.Contains(column, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_LetterWithoutAnEventId_TakesAnyId()
    {
        var letter = Refused() with { EventId = null, Raw = Encoding.UTF8.GetBytes(Row("never", EventColumns.EventId, "not an id")) };

        Assert.Equal(Id, Assert.Single(Read(letter, Row("2026-01-02 03:04:05.000006"))).Id);
    }

    [Fact]
    public void Read_ReceiptWasWhatWasWrong_TakesTheMessages()
    {
        var letter = Refused() with
        {
            Raw = Encoding.UTF8.GetBytes(Row("2026-01-02 03:04:05.000006", EventColumns.ReceivedAt, "never")),
            Attributes = new Dictionary<string, string> { [MessageAttributes.ReceivedAt] = "2026-01-02T03:04:06.000000Z" },
        };

        Assert.Single(Read(letter, Row("2026-01-02 03:04:05.000006")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{} {}")]
    [InlineData("{\"project_id\":\"prj_1\"}")]
    public void Read_NoRow_IsRefused(string text) => Assert.Throws<ReplayException>(() => Read(Refused(), text));

    [Fact]
    public void Read_WholeMessage_TakesSeveralRows()
    {
        var letter = Refused() with { Code = "corrupt_data", EventId = null, Raw = new byte[] { 1, 2, 3 } };

        Assert.Equal(2, Read(letter, Rows.Event() + "\n" + Rows.Event()).Count);
    }

    private static IReadOnlyList<ReplayRow> Read(Letter letter, string text) =>
        CorrectedRows.Read(letter, StreamTarget.Events, Encoding.UTF8.GetBytes(text));

    private static Letter Refused() => new(
        Guid.NewGuid(), "prj_1", "live", "events", Id, "clickhouse_41", "Cannot parse", Encoding.UTF8.GetBytes(Row("never")), 0,
        new Dictionary<string, string>(), DateTimeOffset.UnixEpoch, ReplayedAt: null);

    private static string Row(string occurredAt, string? changed = null, string? value = null) => Rows.Event(occurredAt: occurredAt, id: Id, change: row =>
    {
        row[EventColumns.RequestId] = Request.ToString();
        if (changed is not null)
            row[changed] = value;
    });
}
