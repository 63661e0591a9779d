using System.Globalization;

namespace SegOps.Contracts;

/// <summary>
/// Names of the attributes of a Pub/Sub message. One message is one accepted request: its data are the rows, one JSON object
/// a line in the table's own column names, compressed as <see cref="ContentEncoding"/> says.
/// </summary>
public static class MessageAttributes
{
    /// <summary>Version of the rows' schema; <see cref="CurrentSchema"/> is what this build writes.</summary>
    public const string Schema = "segops-schema";

    /// <summary>The schema version that this build writes and the newest that it reads.</summary>
    public const string CurrentSchema = "1";

    /// <summary>The project that all rows belong to.</summary>
    public const string Project = "segops-project";

    /// <summary>The environment that all rows belong to, see <see cref="Environments"/>.</summary>
    public const string Environment = "segops-environment";

    /// <summary>How many rows the message holds, decimal.</summary>
    public const string Count = "segops-count";

    /// <summary>The request that was answered 202 for these rows, a UUID; absent when rows are replayed.</summary>
    public const string RequestId = "segops-request-id";

    /// <summary>When the request was received, ISO 8601 UTC with microseconds; absent when rows are replayed, whose age is nobody's delay.</summary>
    public const string ReceivedAt = "segops-received-at";

    /// <summary>How the data is compressed; <see cref="Zstd"/> is the only value so far.</summary>
    public const string ContentEncoding = "segops-content-encoding";

    /// <summary>Value of <see cref="ContentEncoding"/> for one zstd frame.</summary>
    public const string Zstd = "zstd";

    /// <summary>What every message has: of rows of one project and environment, as one zstd frame.</summary>
    public static Dictionary<string, string> Of(string project, string environment, int count) => new(7)
    {
        [Schema] = CurrentSchema,
        [Project] = project,
        [Environment] = environment,
        [Count] = count.ToString(CultureInfo.InvariantCulture),
        [ContentEncoding] = Zstd,
    };
}
