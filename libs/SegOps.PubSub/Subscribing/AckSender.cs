using Microsoft.Extensions.Logging;
using SegOps.PubSub.Configuration;
using SegOps.PubSub.Connection;
using SegOps.PubSub.Telemetry;

namespace SegOps.PubSub.Subscribing;

/// <summary>Sends acks, nacks and lease extensions to Pub/Sub in the background.</summary>
internal sealed class AckSender
{
    private readonly AckBatcher _acks;
    private readonly AckBatcher _nacks;
    private readonly AckBatcher _extensions;
    private readonly Task _running;

    public AckSender(string subscription, PubSubClient client, SubscriberOptions options, PubSubTelemetry telemetry, TimeProvider timeProvider, ILogger logger)
    {
        var name = client.Connection.Subscription(subscription);

        _acks = new("ack", options, ids => telemetry.MeasureAsync("ack", subscription, () => client.Subscriber.AcknowledgeAsync(
            new() { Subscription = name, AckIds = { ids } }, client.Call(name, options.AckCallDeadline, default)).ResponseAsync), timeProvider, logger);
        _nacks = Deadline("nack", TimeSpan.Zero);
        _extensions = Deadline("extend", options.AckDeadline);
        _running = Task.WhenAll(_acks.RunAsync(), _nacks.RunAsync(), _extensions.RunAsync());

        AckBatcher Deadline(string operation, TimeSpan deadline) => new(operation, options, ids =>
            telemetry.MeasureAsync(operation, subscription, () => client.Subscriber.ModifyAckDeadlineAsync(
                new() { Subscription = name, AckIds = { ids }, AckDeadlineSeconds = (int)deadline.TotalSeconds },
                client.Call(name, options.AckCallDeadline, default)).ResponseAsync), timeProvider, logger);
    }

    public void Ack(string ackId) => _acks.Add(ackId);

    public void Nack(string ackId) => _nacks.Add(ackId);

    public void Extend(string ackId) => _extensions.Add(ackId);

    /// <summary>Completes when all acks and nacks added so far are sent or dropped.</summary>
    public Task FlushAsync() => Task.WhenAll(_acks.FlushAsync(), _nacks.FlushAsync());

    /// <summary>Accepts no more; completes when all are sent or dropped.</summary>
    public Task CompleteAsync()
    {
        _acks.Complete();
        _nacks.Complete();
        _extensions.Complete();
        return _running;
    }
}
