using SegOps.Contracts;

namespace SegOps.Ingestion.Requests;

/// <summary>The values that all events of one request share.</summary>
/// <param name="ProjectId">The project that the API key belongs to.</param>
/// <param name="Environment">One of <see cref="Contracts.Environments"/>.</param>
/// <param name="RequestId">Identifies the request in the answer, the message and the rows.</param>
/// <param name="ReceivedAt">When the request's headers had arrived.</param>
internal sealed record RequestMetadata(string ProjectId, string Environment, Guid RequestId, DateTimeOffset ReceivedAt);

/// <summary>Why a request is refused as a whole.</summary>
/// <param name="Code">One of <see cref="ErrorCodes"/>.</param>
/// <param name="Detail">What is wrong and how to fix it; holds no value that the client sent.</param>
internal sealed record RequestError(string Code, string Detail)
{
    /// <summary>The body is not JSON of the expected shape.</summary>
    public static RequestError Malformed(string detail) => new(ErrorCodes.MalformedJson, detail);
}

/// <summary>One error of one event: an entry of <c>errors</c>. Holds no value that the client sent.</summary>
/// <param name="Index">Position of the event in its batch, from 0; <see cref="OfRequest"/> for an error of the request itself.</param>
/// <param name="Field">The invalid field; empty when it is the whole event.</param>
/// <param name="Code">One of <see cref="EventErrorCodes"/>.</param>
/// <param name="Message">What is wrong and how to fix it.</param>
internal readonly record struct ValidationError(int Index, string Field, string Code, string Message)
{
    /// <summary>The <see cref="Index"/> of an error that concerns no single event.</summary>
    public const int OfRequest = -1;
}

/// <summary>One entry of <c>warnings</c>.</summary>
/// <param name="Index">As in <see cref="ValidationError"/>.</param>
/// <param name="Field">The field that the warning is about.</param>
/// <param name="Code">One of <see cref="WarningCodes"/>.</param>
/// <param name="Message">What looks like a mistake.</param>
internal readonly record struct EventWarning(int Index, string Field, string Code, string Message);

/// <summary>All warnings of one request that have the same code and field.</summary>
/// <param name="Field">As in <see cref="EventWarning"/>.</param>
/// <param name="Code">As in <see cref="EventWarning"/>.</param>
/// <param name="Message">As in <see cref="EventWarning"/>.</param>
internal sealed record WarningTotal(string Field, string Code, string Message)
{
    /// <summary>How many accepted events have the warning.</summary>
    public int Occurrences { get; set; }

    /// <summary>One of those events, masked; null when there is none, or when there was no room for another sample.</summary>
    public byte[]? Sample { get; set; }
}
