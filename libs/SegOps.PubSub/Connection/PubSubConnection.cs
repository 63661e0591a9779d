namespace SegOps.PubSub.Connection;

/// <summary>Where Pub/Sub is and which Google Cloud project holds the topics and subscriptions.</summary>
/// <param name="Endpoint">http for the emulator, https for the real service.</param>
/// <param name="ProjectId">The Google Cloud project.</param>
internal sealed record PubSubConnection(Uri Endpoint, string ProjectId)
{
    /// <summary>The emulator speaks HTTP/2 without TLS and takes no credentials; the real service never does.</summary>
    public bool IsEmulator => Endpoint.Scheme == Uri.UriSchemeHttp;

    /// <summary>The full name of the topic with this short name.</summary>
    public string Topic(string topic) => $"projects/{ProjectId}/topics/{topic}";

    /// <summary>The full name of the subscription with this short name.</summary>
    public string Subscription(string subscription) => $"projects/{ProjectId}/subscriptions/{subscription}";
}
