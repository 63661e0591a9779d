using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SegOps.PubSub;

/// <summary>State of the event stream as this service sees it.</summary>
/// <param name="Status">Degraded when Pub/Sub answers slowly, unhealthy when it does not answer or lacks what this service uses.</param>
/// <param name="Reason">Why it is not healthy, for people; free of secrets and addresses.</param>
public sealed record EventStreamState(HealthStatus Status, string? Reason);

/// <summary>Asks Pub/Sub for the topics and subscriptions that this service uses.</summary>
public sealed class EventStreamProbe
{
    /// <summary>Asks, or answers what was asked within the last second. Never throws but for <paramref name="cancellationToken"/>.</summary>
    public Task<EventStreamState> CheckAsync(CancellationToken cancellationToken) => throw new NotSupportedException(GetType().Name);
}
