namespace SegOps.Ingestion.Track;

/// <summary>What all events of one request have in common.</summary>
/// <param name="ProjectId">The project that the API key belongs to.</param>
/// <param name="Environment">One of <see cref="Contracts.Environments"/>.</param>
/// <param name="RequestId">Names the request in the answer, the message and the rows.</param>
/// <param name="ReceivedAt">When the request's headers had arrived.</param>
internal sealed record RequestStamp(string ProjectId, string Environment, Guid RequestId, DateTimeOffset ReceivedAt);
