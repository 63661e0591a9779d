using Microsoft.Extensions.Logging;
using SegOps.PubSub.Configuration;
using SegOps.PubSub.Connection;
using SegOps.PubSub.Protocol;
using SegOps.PubSub.Telemetry;
using SegOps.PubSub.Topology;

namespace SegOps.PubSub.Subscribing;

/// <summary>
/// Receives by successive Pull calls. On the real service, a call waits for messages. Calls to the emulator do not wait, because it
/// continues to lease messages to a waiting call after its caller has ended: docs/emulator.md.
/// </summary>
internal sealed class UnaryPuller(
    string subscription, PubSubClient client, TopologyInitializer topology, SubscriberOptions options, TimeSpan pollInterval,
    PubSubTelemetry telemetry, TimeProvider timeProvider, ILogger logger)
    : Puller(subscription, client, topology, options, telemetry, timeProvider, logger)
{
    /// <summary>Maximum messages per answer, Pub/Sub's limit. The emulator returns up to 100 messages and about 10 MB.</summary>
    private const int MaxMessages = 1_000;

    private readonly PubSubClient _client = client;
    private readonly SubscriberOptions _options = options;
    private readonly TimeProvider _timeProvider = timeProvider;
    private readonly bool _waits = !client.Connection.IsEmulator;

    protected override async Task ReceiveAsync(Deliver deliver, CancellationToken stopping)
    {
        // A stream sets the lease of its messages; Pull uses the subscription's lease.
        var subscription = await _client.Subscriber.GetSubscriptionAsync(
            new() { Subscription = Name }, _client.Call(Name, _options.PullDeadline, stopping));
        var lease = TimeSpan.FromSeconds(subscription.AckDeadlineSeconds);
        var request = new PullRequest
        {
            Subscription = Name,
            MaxMessages = Math.Min(MaxMessages, _options.MaxOutstandingMessages),
            ReturnImmediately = !_waits,
        };
        var shortest = pollInterval / 8;
        var pause = shortest;
        while (!stopping.IsCancellationRequested)
        {
            var answer = await _client.Subscriber.PullAsync(
                request, _client.Call(Name, _options.PullDeadline, _waits ? stopping : CancellationToken.None));
            if (answer.ReceivedMessages.Count > 0)
            {
                pause = shortest;
                await deliver(answer.ReceivedMessages, lease, stopping);
            }
            else if (!_waits)
            {
                await Task.Delay(pause, _timeProvider, stopping);
                pause = pause * 2 < pollInterval ? pause * 2 : pollInterval;
            }
        }
    }
}
