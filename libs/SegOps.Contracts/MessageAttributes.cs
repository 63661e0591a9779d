using System.Globalization;

namespace SegOps.Contracts;

/// <summary>
/// Attributes of a Pub/Sub message. A message is an accepted request. Its data are rows, one JSON object per line with the table's column names,
/// compressed by <see cref="ContentEncoding"/>.
/// </summary>
public static class MessageAttributes
{
    /// <summary>The version of the rows' schema.</summary>
    public const string Schema = "segops-schema";

    /// <summary>The schema version that this build writes, and the newest that it reads.</summary>
    public const string CurrentSchema = "1";

    /// <summary>The project of all rows.</summary>
    public const string Project = "segops-project";

    /// <summary>The environment of all rows: one of <see cref="Environments"/>.</summary>
    public const string Environment = "segops-environment";

    /// <summary>The number of rows, decimal.</summary>
    public const string Count = "segops-count";

    /// <summary>The UUID of the request; absent for replayed rows.</summary>
    public const string RequestId = "segops-request-id";

    /// <summary>The request's time of receipt, ISO 8601 UTC with microseconds; absent for replayed rows, whose age would distort the delay.</summary>
    public const string ReceivedAt = "segops-received-at";

    /// <summary>The compression of the data; always <see cref="Zstd"/>.</summary>
    public const string ContentEncoding = "segops-content-encoding";

    /// <summary>Value of <see cref="ContentEncoding"/> for one zstd frame.</summary>
    public const string Zstd = "zstd";

    /// <summary>The attributes of every message: rows of one project and environment, as one zstd frame.</summary>
    public static Dictionary<string, string> Of(string project, string environment, int count) => new(7)
    {
        [Schema] = CurrentSchema,
        [Project] = project,
        [Environment] = environment,
        [Count] = count.ToString(CultureInfo.InvariantCulture),
        [ContentEncoding] = Zstd,
    };
}
