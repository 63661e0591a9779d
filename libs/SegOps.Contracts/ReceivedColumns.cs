namespace SegOps.Contracts;

/// <summary>
/// Columns of the table <c>received</c>, and property names of the rows in messages of <see cref="Streams.ReceivedTopic"/>. A row is what one instance
/// of Ingestion answered to requests of one minute since its last report.
/// </summary>
public static class ReceivedColumns
{
    /// <summary>The minute of receipt (UTC), in <see cref="MinuteFormat"/>.</summary>
    public const string Minute = "minute";

    /// <summary>A UUID of its own. Readers count a redelivered row once.</summary>
    public const string ReportId = "report_id";

    /// <summary>Arrays of project, environment, accepted and rejected events.</summary>
    public const string Counts = "counts";

    /// <summary>The format of <see cref="Minute"/>.</summary>
    public const string MinuteFormat = "yyyy-MM-dd HH:mm:ss";
}
