using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SegOps.PubSub.Configuration;
using SegOps.PubSub.Connection;
using SegOps.PubSub.Telemetry;
using SegOps.PubSub.Topology;

namespace SegOps.PubSub.Subscribing;

/// <summary>
/// Receives from a subscription by <see cref="SubscriberOptions.Mode"/>. Delivery is at least once and unordered. The number and bytes of
/// messages not yet acked or nacked are limited, and their leases are extended. A message that is held for longer than
/// <see cref="SubscriberOptions.MaxExtension"/> allows is given back.
/// </summary>
public sealed class Subscriber : IAsyncDisposable
{
    private readonly string _subscription;
    private readonly SubscriberOptions _options;
    private readonly PubSubTelemetry _telemetry;
    private readonly EventStreamProbe _probe;
    private readonly LeaseManager _leases;
    private readonly AckSender _acks;
    private readonly Puller[] _pullers;
    private readonly PullGate _gate = new();
    private readonly CancellationTokenSource _disposing = new();
    private readonly Task _extending;
    private int _reading;

    internal Subscriber(
        string subscription, PubSubClient client, TopologyInitializer topology, EventStreamProbe probe, IOptions<PubSubOptions> options,
        PubSubTelemetry telemetry, TimeProvider timeProvider, ILogger<Subscriber> logger, TimeSpan? pollInterval)
    {
        _subscription = subscription;
        _options = options.Value.Subscriber;
        _telemetry = telemetry;
        _probe = probe;
        _leases = new(subscription, _options, telemetry, timeProvider);
        _pullers = (_options.Mode ?? (client.Connection.IsEmulator ? PullMode.Pull : PullMode.StreamingPull)) == PullMode.Pull
            ? [new UnaryPuller(subscription, client, topology, _options, pollInterval ?? _options.PollInterval, telemetry, timeProvider, logger)]
            : [.. Enumerable.Range(0, _options.Streams).Select(_ => new StreamPuller(subscription, client, topology, _options, telemetry, timeProvider, logger))];
        using (ExecutionContext.SuppressFlow())
        {
            _acks = new(subscription, client, _options, telemetry, timeProvider, logger);
            _extending = Task.Run(() => _leases.ExtendAsync(_acks.Extend, _disposing.Token));
        }
    }

    /// <summary>Receives no more until <see cref="Resume"/>. <see cref="ReadAsync"/> still yields what was received before.</summary>
    public void Pause() => _gate.Close();

    /// <summary>Ends a <see cref="Pause"/>.</summary>
    public void Resume() => _gate.Open();

    /// <summary>
    /// Yields messages until <paramref name="stopping"/>. Then it receives the messages in flight, nacks those not yet yielded, and ends.
    /// Yielded messages stay leased until they are acked or nacked or this is disposed. One reader at a time.
    /// </summary>
    /// <exception cref="SubscriptionException">The subscription is missing or access is denied (in production).</exception>
    public async IAsyncEnumerable<ReceivedMessage> ReadAsync([EnumeratorCancellation] CancellationToken stopping)
    {
        if (Interlocked.Exchange(ref _reading, 1) == 1)
            throw new InvalidOperationException("The subscription is already being read.");
        _probe.Report(_subscription, fault: null);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping, _disposing.Token);
        var buffer = Channel.CreateUnbounded<ReceivedMessage>(new() { SingleReader = true });
        Task pulling;
        using (ExecutionContext.SuppressFlow())
            pulling = Task.Run(() => PullAsync(buffer.Writer, stop), CancellationToken.None);
        try
        {
            await foreach (var message in buffer.Reader.ReadAllAsync(CancellationToken.None))
            {
                if (stop.IsCancellationRequested)
                    message.Nack();
                if (stop.IsCancellationRequested || message.IsGivenBack)
                    continue;
                _telemetry.Consumed(_subscription, message.DeliveryAttempt);
                yield return message;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await pulling;
            while (buffer.Reader.TryRead(out var message))
                message.Nack();
            _reading = 0;
        }
    }

    /// <summary>Waits until all acks and nacks so far are sent or dropped. A dropped ack causes another delivery.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => _acks.FlushAsync().WaitAsync(cancellationToken);

    /// <summary>Stops reading, nacks held messages, and sends the last acks and nacks within <see cref="SubscriberOptions.DrainTimeout"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposing.IsCancellationRequested)
            return;
        await _disposing.CancelAsync();
        await _extending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var lease in _leases.Held())
            Complete(lease, acked: false);
        await _acks.CompleteAsync().WaitAsync(_options.DrainTimeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _gate.Dispose();
    }

    /// <summary>Runs all pullers. The first permanent failure stops the others and reaches the reader.</summary>
    private async Task PullAsync(ChannelWriter<ReceivedMessage> buffer, CancellationTokenSource stop)
    {
        try
        {
            await Task.WhenAll(_pullers.Select(puller => PullAsync(puller, buffer, stop)));
            buffer.Complete();
        }
        catch (Exception failure)
        {
            buffer.Complete(failure);
        }
    }

    private async Task PullAsync(Puller puller, ChannelWriter<ReceivedMessage> buffer, CancellationTokenSource stop)
    {
        try
        {
            await puller.RunAsync((received, lease, ending) => DeliverAsync(received, lease, buffer, ending, stop.Token), _gate, stop.Token);
        }
        catch (Exception failure)
        {
            _probe.Report(_subscription, failure.Message);
            await stop.CancelAsync();
            throw;
        }
    }

    private async Task DeliverAsync(
        IReadOnlyList<Protocol.ReceivedMessage> received, TimeSpan lease, ChannelWriter<ReceivedMessage> buffer,
        CancellationToken ending, CancellationToken stopping)
    {
        foreach (var message in received.Select(message => Lease(message, lease)))
        {
            if (stopping.IsCancellationRequested)
                message.Nack();
            else
                buffer.TryWrite(message);
        }

        // This wait applies backpressure to Pub/Sub. There is none at the end, so that all messages in flight are read.
        await _leases.RoomAsync().WaitAsync(ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private ReceivedMessage Lease(Protocol.ReceivedMessage received, TimeSpan length)
    {
        var lease = _leases.Add(received.AckId, received.CalculateSize(), length, received.DeliveryAttempt);
        var trace = received.Message.Attributes.TryGetValue(PubSubTelemetry.TraceParentAttribute, out var parent)
            && ActivityContext.TryParse(parent, null, isRemote: true, out var context) ? context : default;
        var message = new ReceivedMessage(
            received.Message.MessageId,
            received.Message.Data.Memory,
            received.Message.Attributes,
            received.DeliveryAttempt,
            trace,
            (_, acked) => Complete(lease, acked));
        lease.OnTooOld = message.GiveBack;
        return message;
    }

    private void Complete(Lease lease, bool acked)
    {
        if (!_leases.Remove(lease))
            return;
        if (acked)
            _acks.Ack(lease.AckId);
        else
            _acks.Nack(lease.AckId);
    }
}
