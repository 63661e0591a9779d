using System.Globalization;
using System.Net;
using System.Text.Json;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using static SegOps.Tests.Integration.Ingestion.IngestionUnderTest;

namespace SegOps.Tests.Integration.Ingestion;

/// <summary>What phones with wrong clocks send.</summary>
public sealed class ClockTests(PubSubEmulatorFixture emulator)
{
    private static readonly TimeSpan Before = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData(BatchPath, 2)]
    [InlineData(SinglePath, 2)]
    [InlineData(BatchPath, -20_000)]
    [InlineData(SinglePath, -20_000)]
    public async Task Track_FromAPhoneWithAWrongClock_IsStoredAtTheTimeAtWhichItHappened(string path, int days)
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());
        var phone = DateTimeOffset.UtcNow.AddDays(days);
        var times = $"\"sent_at\":\"{phone:O}\"";
        var one = $"\"user_id\":\"u\",\"event_type\":\"t\",\"occurred_at\":\"{phone - Before:O}\"";

        var answer = await AssertAcceptedAsync(await ingestion.PostAsync(
            path, path == BatchPath ? $"{{\"events\":[{{{one}}}],{times}}}" : $"{{{one},{times}}}"));
        var row = Assert.Single((await ingestion.NextEventsAsync()).Rows);

        Assert.Equal([WarningCodes.ClockShifted], CodesOf(answer));
        Assert.Equal(Before, Time(row, EventColumns.ReceivedAt) - Time(row, EventColumns.OccurredAt));
        Assert.Equal(phone.UtcDateTime, Time(row, EventColumns.SentAt), TimeSpan.FromMicroseconds(1));
    }

    [Fact]
    public async Task TrackBatch_SentAtOfTheBuddhistCalendar_IsIgnoredWithAWarning()
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        var answer = await AssertAcceptedAsync(await ingestion.PostAsync(
            BatchPath, """{"sent_at":"2569-11-29T12:00:00Z","events":[{"user_id":"u","event_type":"t","occurred_at":"2026-01-02T03:04:05Z"}]}"""));
        var row = Assert.Single((await ingestion.NextLateEventsAsync()).Rows);

        Assert.Equal([WarningCodes.SentAtIgnored], CodesOf(answer));
        Assert.Equal("2026-01-02 03:04:05.000000", row.GetProperty(EventColumns.OccurredAt).GetString());
        Assert.False(row.TryGetProperty(EventColumns.SentAt, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData(",{\"user_id\":\"u\",\"event_type\":\"t\"}")]
    public async Task TrackBatch_WithALateEvent_IsPublishedAsAWholeInTheLateLane(string more)
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        var answer = await AssertAcceptedAsync(await ingestion.PostAsync(
            BatchPath, $$"""{"events":[{"user_id":"u","event_type":"t","occurred_at":"2001-01-01"}{{more}}]}"""));

        Assert.Equal(answer.GetProperty("accepted").GetInt32(), (await ingestion.NextLateEventsAsync()).Rows.Count);
    }

    [Fact]
    public async Task Track_LeapSecond_IsSecond59()
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        await AssertAcceptedAsync(await ingestion.PostAsync(SinglePath, """{"user_id":"u","event_type":"t","occurred_at":"2016-12-31T23:59:60Z"}"""));

        Assert.Equal(["2016-12-31 23:59:59.000000"], (await ingestion.NextLateEventsAsync()).Column(EventColumns.OccurredAt));
    }

    [Theory]
    [InlineData("1796040000000", EventErrorCodes.WrongType, "a number")]
    [InlineData("1796040000", EventErrorCodes.WrongType, "a number")]
    [InlineData("\" 2026-01-31T12:00:00Z \"", EventErrorCodes.InvalidTimestamp, "white space")]
    public async Task Track_OccurredAtInAnotherForm_SaysWhatToSendInstead(string occurredAt, string code, string form)
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        var problem = await AssertProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.ValidationFailed, await ingestion.PostAsync(
            SinglePath, $$"""{"user_id":"u","event_type":"t","occurred_at":{{occurredAt}}}"""));

        var error = problem.GetProperty("errors")[0];
        var message = error.GetProperty("message").GetString();
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.Contains(form, message, StringComparison.Ordinal);
        Assert.Contains("2026-01-31T12:00:00Z", message, StringComparison.Ordinal);
        Assert.DoesNotContain("17960", message, StringComparison.Ordinal);
    }

    private static IEnumerable<string?> CodesOf(JsonElement answer) =>
        answer.GetProperty("warnings").EnumerateArray().Select(warning => warning.GetProperty("code").GetString());

    private static DateTime Time(JsonElement row, string column) => DateTime.ParseExact(
        row.GetProperty(column).GetString()!, EventColumns.TimestampFormat, CultureInfo.InvariantCulture,
        DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
}
