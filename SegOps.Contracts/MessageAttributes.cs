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

    /// <summary>The request that was answered 202 for these rows, a UUID.</summary>
    public const string RequestId = "segops-request-id";

    /// <summary>When the request was received, ISO 8601 UTC with microseconds.</summary>
    public const string ReceivedAt = "segops-received-at";

    /// <summary>How the data is compressed; <see cref="Zstd"/> is the only value so far.</summary>
    public const string ContentEncoding = "segops-content-encoding";

    /// <summary>Value of <see cref="ContentEncoding"/> for one zstd frame.</summary>
    public const string Zstd = "zstd";
}
