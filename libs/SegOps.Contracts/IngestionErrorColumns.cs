namespace SegOps.Contracts;

/// <summary>
/// Columns of the table <c>ingestion_errors</c>, and property names of the rows in messages of <see cref="Streams.RejectionsTopic"/>. A row is one
/// error of an event, one request error or one warning.
/// </summary>
public static class IngestionErrorColumns
{
    /// <summary>String: the project that the API key belongs to.</summary>
    public const string ProjectId = "project_id";

    /// <summary>String: see <see cref="Environments"/>.</summary>
    public const string Environment = "environment";

    /// <summary>UUID of the row. It does not change when a message is delivered again.</summary>
    public const string ErrorId = "error_id";

    /// <summary>UUID of the request.</summary>
    public const string RequestId = "request_id";

    /// <summary>DateTime64(6, 'UTC'): the request's time of receipt.</summary>
    public const string ReceivedAt = "received_at";

    /// <summary>String: see <see cref="Severities"/>.</summary>
    public const string Severity = "severity";

    /// <summary>String: one of <see cref="EventErrorCodes"/>, <see cref="WarningCodes"/> or <see cref="ErrorCodes"/>.</summary>
    public const string Code = "code";

    /// <summary>String: the invalid field; empty if the row concerns the whole request.</summary>
    public const string Field = "field";

    /// <summary>String: the message in the answer. It never contains a value that the client sent.</summary>
    public const string Message = "message";

    /// <summary>Int32: zero-based index of the event in its batch; -1 if the row concerns the whole request, and at most -1 if it stands for other events.</summary>
    public const string EventIndex = "event_index";

    /// <summary>UInt32: number of events that the row concerns; more than 1 only for warnings.</summary>
    public const string Occurrences = "occurrences";

    /// <summary>
    /// String: the structure of one such event, as a JSON object with type and size in place of each value. Empty if another row of the request has
    /// the same code and field, or if there is no event.
    /// </summary>
    public const string Sample = "sample";

    /// <summary>
    /// Array(UUID): the ids of the rejected events: the event's id if it is valid, or for a request error the ids of all valid events in the part
    /// of the body that was read. Empty for warnings.
    /// </summary>
    public const string EventIds = "event_ids";
}
