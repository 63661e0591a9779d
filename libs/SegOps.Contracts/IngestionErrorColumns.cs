namespace SegOps.Contracts;

/// <summary>
/// Columns of the table <c>ingestion_errors</c>: the property names of the rows in messages on
/// <see cref="Streams.RejectionsTopic"/>. One row is one fault of one event, or one warning of one request.
/// </summary>
public static class IngestionErrorColumns
{
    /// <summary>String: the project that the API key belongs to.</summary>
    public const string ProjectId = "project_id";

    /// <summary>String: see <see cref="Environments"/>.</summary>
    public const string Environment = "environment";

    /// <summary>UUID of the row: the same when a message is delivered twice.</summary>
    public const string ErrorId = "error_id";

    /// <summary>UUID of the request.</summary>
    public const string RequestId = "request_id";

    /// <summary>DateTime64(6, 'UTC'): when the request was received.</summary>
    public const string ReceivedAt = "received_at";

    /// <summary>String: see <see cref="Severities"/>.</summary>
    public const string Severity = "severity";

    /// <summary>String: one of <see cref="EventErrorCodes"/>, <see cref="WarningCodes"/> or <see cref="ErrorCodes"/>.</summary>
    public const string Code = "code";

    /// <summary>String: the field at fault; empty when it is the whole request.</summary>
    public const string Field = "field";

    /// <summary>String: what the client was told. Never holds a value that the client sent.</summary>
    public const string Message = "message";

    /// <summary>Int32: place of the event in its batch, from 0; -1 when it is the whole request.</summary>
    public const string EventIndex = "event_index";

    /// <summary>UInt32: how many events of the request it speaks of; more than 1 only for warnings.</summary>
    public const string Occurrences = "occurrences";

    /// <summary>
    /// String: the shape of one event that it speaks of, a JSON object of the event's fields with type and size in place of each value; empty
    /// where another row of the request with the same code and field has it, or there is no event.
    /// </summary>
    public const string Sample = "sample";

    /// <summary>
    /// Array(UUID): the ids of the events that were refused for it. Of one event at fault its own, if it has a valid one; where the whole request
    /// is at fault those of all its valid events, as far as the body was read. Empty for warnings.
    /// </summary>
    public const string EventIds = "event_ids";
}
