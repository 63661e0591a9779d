using System.Diagnostics;
using System.Diagnostics.Metrics;
using Grpc.Core;

namespace SegOps.PubSub.Telemetry;

/// <summary>The component's source, meter and instruments: see docs/telemetry.md.</summary>
internal sealed class PubSubTelemetry : IDisposable
{
    /// <summary>Name of the source and of the meter.</summary>
    public const string Name = "SegOps.PubSub";

    /// <summary>The attribute of a message in which Google's clients send the W3C traceparent.</summary>
    public const string TraceParentAttribute = "googclient_traceparent";

    private readonly ActivitySource _source = new(Name);
    private readonly TimeProvider _timeProvider;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _consumed;
    private readonly Histogram<double> _duration;
    private readonly UpDownCounter<long> _buffered;
    private readonly UpDownCounter<long> _bufferedBytes;
    private readonly UpDownCounter<long> _outstanding;
    private readonly UpDownCounter<long> _outstandingBytes;
    private readonly Counter<long> _streams;
    private readonly Histogram<int> _attempts;

    public PubSubTelemetry(IMeterFactory meters, TimeProvider timeProvider)
    {
        _timeProvider = timeProvider;
        var meter = meters.Create(Name);
        _sent = meter.CreateCounter<long>("messaging.client.sent.messages", "{message}", "Messages whose publish ended, with error.type if it failed.");
        _consumed = meter.CreateCounter<long>("messaging.client.consumed.messages", "{message}", "Messages passed to the service.");
        _duration = meter.CreateHistogram<double>("messaging.client.operation.duration", "s", "Duration of calls to Pub/Sub, per attempt.");
        _buffered = meter.CreateUpDownCounter<long>("segops.pubsub.publisher.buffer.messages", "{message}", "Messages that wait for a confirmation.");
        _bufferedBytes = meter.CreateUpDownCounter<long>("segops.pubsub.publisher.buffer.bytes", "By", "Bytes that wait for a confirmation.");
        _outstanding = meter.CreateUpDownCounter<long>("segops.pubsub.subscriber.outstanding.messages", "{message}", "Received messages that are not acked or nacked.");
        _outstandingBytes = meter.CreateUpDownCounter<long>("segops.pubsub.subscriber.outstanding.bytes", "By", "Received bytes that are not acked or nacked.");
        _attempts = meter.CreateHistogram<int>(
            "segops.pubsub.subscriber.delivery_attempts", "{delivery}", "Deliveries of a message so far, when it is passed to the service.");
        _streams = meter.CreateCounter<long>("segops.pubsub.subscriber.streams", "{stream}", "Ended streams and series of Pull calls, by gRPC status.");
    }

    /// <summary>Starts the producer span of a message; null without a listener.</summary>
    public Activity? StartSend(string topic, int bytes)
    {
        var span = _source.StartActivity("send " + topic, ActivityKind.Producer);
        return span?.SetTag("messaging.system", "gcp_pubsub")
            .SetTag("messaging.operation.type", "send")
            .SetTag("messaging.operation.name", "publish")
            .SetTag("messaging.destination.name", topic)
            .SetTag("messaging.message.body.size", bytes);
    }

    /// <summary>Records the end of a message's publish.</summary>
    public void Sent(string topic, string? error)
    {
        var tags = Tags("publish", topic);
        if (error is not null)
            tags.Add("error.type", error);
        _sent.Add(1, tags);
    }

    /// <summary>Records a message passed to the service.</summary>
    /// <param name="subscription">Its subscription.</param>
    /// <param name="attempt">1 for the first delivery; 0 if the subscription does not count them.</param>
    public void Consumed(string subscription, int attempt)
    {
        _consumed.Add(1, Tags("receive", subscription));
        if (attempt > 0)
            _attempts.Record(attempt, Destination(subscription));
    }

    /// <summary>Times a call to Pub/Sub.</summary>
    public async Task MeasureAsync(string operation, string destination, Func<Task> call)
    {
        var started = _timeProvider.GetTimestamp();
        var tags = Tags(operation, destination);
        try
        {
            await call();
        }
        catch (RpcException failure)
        {
            tags.Add("error.type", failure.StatusCode.ToString());
            throw;
        }
        finally
        {
            _duration.Record(_timeProvider.GetElapsedTime(started).TotalSeconds, tags);
        }
    }

    /// <summary>Records a change of the publisher's buffer.</summary>
    public void Buffered(string topic, int messages, long bytes)
    {
        _buffered.Add(messages, Destination(topic));
        _bufferedBytes.Add(bytes, Destination(topic));
    }

    /// <summary>Records a change of the subscriber's held messages.</summary>
    public void Outstanding(string subscription, int messages, long bytes)
    {
        _outstanding.Add(messages, Destination(subscription));
        _outstandingBytes.Add(bytes, Destination(subscription));
    }

    /// <summary>Records the end of a stream or of a series of Pull calls.</summary>
    public void PullEnded(string subscription, StatusCode status) =>
        _streams.Add(1, Destination(subscription), new("rpc.grpc.status_code", (int)status));

    public void Dispose() => _source.Dispose();

    private static KeyValuePair<string, object?> Destination(string name) => new("messaging.destination.name", name);

    private static TagList Tags(string operation, string destination) => new()
    {
        { "messaging.system", "gcp_pubsub" },
        { "messaging.operation.name", operation },
        Destination(destination),
    };
}
