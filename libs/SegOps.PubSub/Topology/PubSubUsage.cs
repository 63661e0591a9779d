using SegOps.Contracts;

namespace SegOps.PubSub.Topology;

/// <summary>What this service publishes to and receives from, short names: what its health depends on.</summary>
internal sealed class PubSubUsage
{
    private readonly HashSet<string> _topics = [];
    private readonly HashSet<string> _subscriptions = [];

    /// <summary>Topics to ask for; a service that uses nothing itself watches the main stream.</summary>
    public IReadOnlyCollection<string> Topics => IsWatcher ? [Streams.EventsTopic] : _topics;

    /// <summary>Subscriptions to ask for.</summary>
    public IReadOnlyCollection<string> Subscriptions => IsWatcher ? [Streams.EventsSubscription] : _subscriptions;

    private bool IsWatcher => _topics.Count + _subscriptions.Count == 0;

    public void AddTopic(string topic) => _topics.Add(topic);

    public void AddSubscription(string subscription) => _subscriptions.Add(subscription);
}
