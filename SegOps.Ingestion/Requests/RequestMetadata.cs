using SegOps.Contracts;

namespace SegOps.Ingestion.Requests;

/// <summary>The values shared by all events of a request.</summary>
/// <param name="ProjectId">The project of the API key.</param>
/// <param name="Environment">One of <see cref="Contracts.Environments"/>.</param>
/// <param name="RequestId">Identifies the request in the answer, the message and the rows.</param>
/// <param name="ReceivedAt">
/// The time of receipt: when the headers had arrived, or for a body that took longer than <see cref="EventLimits.ClockTolerance"/>, when the
/// body had. Audit, quota and queries allow events little time between their receipt and their storing.
/// </param>
internal sealed record RequestMetadata(string ProjectId, string Environment, Guid RequestId, DateTimeOffset ReceivedAt)
{
    /// <summary>The time at which the headers had arrived, which shows the client's clock: the time that the body takes is no error of it.</summary>
    public DateTimeOffset ArrivedAt { get; init; } = ReceivedAt;
}

/// <summary>The error of a request that is refused as a whole.</summary>
/// <param name="Code">One of <see cref="ErrorCodes"/>.</param>
/// <param name="Detail">The problem and its correction; never contains a value that the client sent.</param>
internal sealed record RequestError(string Code, string Detail)
{
    /// <summary>The body is not JSON of the expected structure.</summary>
    public static RequestError Malformed(string detail) => new(ErrorCodes.MalformedJson, detail);
}

/// <summary>An error of an event: an entry of <c>errors</c>. Never contains a value that the client sent.</summary>
/// <param name="Index">The zero-based index of the event in its batch; <see cref="OfRequest"/> for an error of the request itself.</param>
/// <param name="Field">The invalid field; empty if the whole event is invalid.</param>
/// <param name="Code">One of <see cref="EventErrorCodes"/>.</param>
/// <param name="Message">The problem and its correction.</param>
internal readonly record struct ValidationError(int Index, string Field, string Code, string Message)
{
    /// <summary>The <see cref="Index"/> of an error of the request.</summary>
    public const int OfRequest = -1;
}

/// <summary>An entry of <c>warnings</c>.</summary>
/// <param name="Index">As in <see cref="ValidationError"/>.</param>
/// <param name="Field">The field that the warning concerns.</param>
/// <param name="Code">One of <see cref="WarningCodes"/>.</param>
/// <param name="Message">The probable mistake.</param>
internal readonly record struct EventWarning(int Index, string Field, string Code, string Message);

/// <summary>All warnings of a request with the same code and field.</summary>
/// <param name="Field">As in <see cref="EventWarning"/>.</param>
/// <param name="Code">As in <see cref="EventWarning"/>.</param>
/// <param name="Message">As in <see cref="EventWarning"/>.</param>
internal sealed record WarningTotal(string Field, string Code, string Message)
{
    /// <summary>The number of accepted events with the warning.</summary>
    public int Occurrences { get; set; }

    /// <summary>A masked sample of these events; null if there is none, or if there was no more room.</summary>
    public byte[]? Sample { get; set; }
}
