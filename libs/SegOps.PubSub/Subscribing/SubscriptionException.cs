using Grpc.Core;

namespace SegOps.PubSub;

/// <summary>A subscription cannot be read and trying again does not help: it is missing, or access is denied.</summary>
public sealed class SubscriptionException(string message, StatusCode status, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What Pub/Sub answered.</summary>
    public StatusCode Status { get; } = status;
}
