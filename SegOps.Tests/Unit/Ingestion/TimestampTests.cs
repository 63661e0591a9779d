using SegOps.Contracts;
using static SegOps.Tests.Unit.Ingestion.Parse;

namespace SegOps.Tests.Unit.Ingestion;

public sealed class TimestampTests
{
    [Theory]
    [InlineData("2025-01-31", "2025-01-31 00:00:00.000000")]
    [InlineData("2025-01-31T13:45", "2025-01-31 13:45:00.000000")]
    [InlineData("2025-01-31T13:45:59", "2025-01-31 13:45:59.000000")]
    [InlineData("2025-01-31 13:45:59", "2025-01-31 13:45:59.000000")]
    [InlineData("2025-01-31t13:45:59z", "2025-01-31 13:45:59.000000")]
    [InlineData("2025-01-31T13:45:59.1Z", "2025-01-31 13:45:59.100000")]
    [InlineData("2025-01-31T13:45:59,123Z", "2025-01-31 13:45:59.123000")]
    [InlineData("2025-01-31T13:45:59.123456Z", "2025-01-31 13:45:59.123456")]
    [InlineData("2025-01-31T13:45:59.1234569Z", "2025-01-31 13:45:59.123456")]
    [InlineData("2025-01-31T13:45:59.999999999999999999999999Z", "2025-01-31 13:45:59.999999")]
    [InlineData("2025-01-31T13:45:59+02:00", "2025-01-31 11:45:59.000000")]
    [InlineData("2025-01-31T13:45:59-0530", "2025-01-31 19:15:59.000000")]
    [InlineData("2025-01-31T13:45:59+14", "2025-01-30 23:45:59.000000")]
    [InlineData("2025-01-31T13:45-00:00", "2025-01-31 13:45:00.000000")]
    [InlineData("2025-01-31T13:45:59\\u002B02:00", "2025-01-31 11:45:59.000000")]
    [InlineData("2024-02-29T00:00:00Z", "2024-02-29 00:00:00.000000")]
    [InlineData("2000-01-01T00:00:00Z", "2000-01-01 00:00:00.000000")]
    [InlineData("1999-12-31T23:00:00-01:00", "2000-01-01 00:00:00.000000")]
    [InlineData("2025-06-16T12:30:45.123456Z", "2025-06-16 12:30:45.123456")]
    [InlineData("2016-12-31T23:59:60Z", "2016-12-31 23:59:59.000000")]
    [InlineData("2016-12-31T23:59:60.25Z", "2016-12-31 23:59:59.250000")]
    [InlineData("2016-12-31 23:59:60", "2016-12-31 23:59:59.000000")]
    [InlineData("2017-01-01T05:29:60+05:30", "2016-12-31 23:59:59.000000")]
    [InlineData("2016-12-31T15:59:60-0800", "2016-12-31 23:59:59.000000")]
    public void OccurredAt_Iso8601_IsStoredInUtcWithMicroseconds(string sent, string stored) =>
        Assert.Equal(stored, Single(Event(more: $"\"occurred_at\":\"{sent}\"")).Text(EventColumns.OccurredAt));

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("1718454645")]
    [InlineData("2025")]
    [InlineData("2025-01")]
    [InlineData("2025-1-31")]
    [InlineData("25-01-31")]
    [InlineData("0000-01-01")]
    [InlineData("2025-13-01")]
    [InlineData("2025-00-01")]
    [InlineData("2025-02-29")]
    [InlineData("2025-04-31")]
    [InlineData("20250131T134559Z")]
    [InlineData("2025-W05-5")]
    [InlineData("2025-031")]
    [InlineData("2025-01-31T")]
    [InlineData("2025-01-31T13")]
    [InlineData("2025-01-31T13:4")]
    [InlineData("2025-01-31T24:00:00")]
    [InlineData("2025-01-31T13:60:00")]
    [InlineData("2016-12-31T23:59:61Z")]
    [InlineData("2016-12-31T12:59:60Z")]
    [InlineData("2016-12-31T23:58:60Z")]
    [InlineData("2016-12-31T23:59:60+02:00")]
    [InlineData("2025-01-31T13:45:")]
    [InlineData("2025-01-31T13:45:59.")]
    [InlineData("2025-01-31T13:45:59.Z")]
    [InlineData("2025-01-31T13:45:59 Z")]
    [InlineData("2025-01-31T13:45:59+")]
    [InlineData("2025-01-31T13:45:59+2")]
    [InlineData("2025-01-31T13:45:59+24:00")]
    [InlineData("2025-01-31T13:45:59+02:60")]
    [InlineData("2025-01-31T13:45:59+02:")]
    [InlineData("2025-01-31T13:45:59+02:00x")]
    [InlineData("2025-01-31T13:45:59UTC")]
    [InlineData("2025-01-31Z")]
    [InlineData(" 2025-01-31")]
    [InlineData("2025-01-31 ")]
    [InlineData("２０２５-01-31")]
    [InlineData("\\ud83d")]
    [InlineData("Fri, 31 Jan 2025 13:45:59 GMT")]
    public void OccurredAt_AnythingElse_IsInvalid(string sent) =>
        Assert.Equal(("occurred_at", EventErrorCodes.InvalidTimestamp), Single(Event(more: $"\"occurred_at\":\"{sent}\"")).OnlyError);

    [Theory]
    [InlineData("1738331159", "is a number. Seconds or milliseconds since 1970 are not taken")]
    [InlineData("1738331159000", "is a number. Seconds or milliseconds since 1970 are not taken")]
    [InlineData("1738331159.5", "is a number. Seconds or milliseconds since 1970 are not taken")]
    [InlineData("\"1738331159\"", "is a number in a string. Seconds or milliseconds since 1970 are not taken")]
    [InlineData("\"1.738331159e9\"", "is a number in a string. Seconds or milliseconds since 1970 are not taken")]
    [InlineData("\" 2025-01-31T12:00:00Z\"", "has white space at its start or end. Send it without")]
    [InlineData("\"2025-01-31T12:00:00Z\\n\"", "has white space at its start or end. Send it without")]
    [InlineData("\"\"", "is empty or not readable. Send an RFC 3339 string")]
    [InlineData("\"31.01.2025\"", "must be an ISO 8601 date and time")]
    [InlineData("{\"seconds\":1}", "must be a string, but an object was sent")]
    public void OccurredAt_InAnotherForm_SaysWhichAndWhatToSend(string sent, string expected)
    {
        var message = Assert.Single(Single(Event(more: $"\"occurred_at\":{sent}")).Errors).Message;

        Assert.StartsWith("occurred_at " + expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain("1738331159", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2025-06-16T12:30:45.123457Z", EventErrorCodes.TimestampInFuture)]
    [InlineData("9999-12-31T23:59:59-23:59", EventErrorCodes.TimestampInFuture)]
    [InlineData("1999-12-31T23:59:59.999999Z", EventErrorCodes.TimestampTooOld)]
    [InlineData("2000-01-01T00:00:00+00:01", EventErrorCodes.TimestampTooOld)]
    [InlineData("0001-01-01T00:00:00+23:59", EventErrorCodes.TimestampTooOld)]
    public void OccurredAt_OutOfRange_IsRefused(string sent, string code) =>
        Assert.Equal(("occurred_at", code), Single(Event(more: $"\"occurred_at\":\"{sent}\"")).OnlyError);
}
