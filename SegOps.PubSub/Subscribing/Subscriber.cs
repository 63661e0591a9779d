using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SegOps.PubSub.Connection;
using SegOps.PubSub.Subscribing;
using SegOps.PubSub.Telemetry;
using SegOps.PubSub.Topology;

namespace SegOps.PubSub;

/// <summary>
/// Receives from one subscription by streaming pull. Delivery is at least once and unordered. What is held is bounded by bytes and
/// messages, counted until they are acked or nacked, and its leases are extended meanwhile.
/// </summary>
public sealed class Subscriber : IAsyncDisposable
{
    private readonly string _subscription;
    private readonly SubscriberOptions _options;
    private readonly PubSubTelemetry _telemetry;
    private readonly EventStreamProbe _probe;
    private readonly LeaseKeeper _leases;
    private readonly Settler _settler;
    private readonly Func<Func<IReadOnlyList<Protocol.ReceivedMessage>, Task>, StreamPuller> _puller;
    private readonly CancellationTokenSource _disposing = new();
    private readonly Task _keeping;
    private int _reading;

    internal Subscriber(
        string subscription, PubSubClient client, TopologyKeeper topology, EventStreamProbe probe, IOptions<PubSubOptions> options,
        PubSubTelemetry telemetry, TimeProvider timeProvider, ILogger<Subscriber> logger)
    {
        _subscription = subscription;
        _options = options.Value.Subscriber;
        _telemetry = telemetry;
        _probe = probe;
        _leases = new(subscription, _options, telemetry, timeProvider);
        _puller = deliver => new(subscription, client, topology, _options, deliver, telemetry, timeProvider, logger);
        using (ExecutionContext.SuppressFlow())
        {
            _settler = new(subscription, client, _options, telemetry, timeProvider, logger);
            _keeping = Task.Run(() => _leases.KeepAsync(_settler.Extend, _disposing.Token));
        }
    }

    /// <summary>
    /// Streams messages until <paramref name="stopping"/>. Then it half-closes the streams, nacks what was not handed out yet, and ends;
    /// what was handed out stays leased until it is acked or nacked or this is disposed. One reader at a time.
    /// </summary>
    /// <exception cref="SubscriptionException">The subscription is missing or access is denied (in production).</exception>
    public async IAsyncEnumerable<ReceivedMessage> ReadAsync([EnumeratorCancellation] CancellationToken stopping)
    {
        if (Interlocked.Exchange(ref _reading, 1) == 1)
            throw new InvalidOperationException("The subscription is being read already.");
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
                {
                    message.Nack();
                    continue;
                }
                _telemetry.Consumed(_subscription);
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

    /// <summary>Waits until the acks and nacks handed in so far were sent, or given up, which means another delivery.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => _settler.FlushAsync().WaitAsync(cancellationToken);

    /// <summary>Ends reading, nacks what is still held, and sends the last acks and nacks for up to <see cref="SubscriberOptions.DrainTimeout"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposing.IsCancellationRequested)
            return;
        await _disposing.CancelAsync();
        await _keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var lease in _leases.Held())
            Settle(lease, acked: false);
        await _settler.CompleteAsync().WaitAsync(_options.DrainTimeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Runs all streams; the first that fails for good stops the others and is what the reader gets.</summary>
    private async Task PullAsync(ChannelWriter<ReceivedMessage> buffer, CancellationTokenSource stop)
    {
        try
        {
            await Task.WhenAll(Enumerable.Range(0, _options.Streams).Select(_ => PullOneAsync(buffer, stop)));
            buffer.Complete();
        }
        catch (Exception failure)
        {
            buffer.Complete(failure);
        }
    }

    private async Task PullOneAsync(ChannelWriter<ReceivedMessage> buffer, CancellationTokenSource stop)
    {
        try
        {
            await _puller(responses => DeliverAsync(responses, buffer, stop.Token)).RunAsync(stop.Token);
        }
        catch (Exception failure)
        {
            _probe.Report(_subscription, failure.Message);
            await stop.CancelAsync();
            throw;
        }
    }

    private async Task DeliverAsync(IReadOnlyList<Protocol.ReceivedMessage> received, ChannelWriter<ReceivedMessage> buffer, CancellationToken stopping)
    {
        foreach (var message in received.Select(Lease))
        {
            if (stopping.IsCancellationRequested)
                message.Nack();
            else
                buffer.TryWrite(message);
        }

        // Not reading on is what slows Pub/Sub down; only when stopping is the stream read to its end in any case.
        await _leases.RoomAsync().WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private ReceivedMessage Lease(Protocol.ReceivedMessage received)
    {
        var lease = _leases.Add(received.AckId, received.CalculateSize());
        var trace = received.Message.Attributes.TryGetValue(PubSubTelemetry.TraceParentAttribute, out var parent)
            && ActivityContext.TryParse(parent, null, isRemote: true, out var context) ? context : default;
        return new(
            received.Message.MessageId,
            received.Message.Data.Memory,
            received.Message.Attributes,
            received.DeliveryAttempt,
            trace,
            (_, acked) => Settle(lease, acked));
    }

    private void Settle(Lease lease, bool acked)
    {
        if (!_leases.Remove(lease))
            return;
        if (acked)
            _settler.Ack(lease.AckId);
        else
            _settler.Nack(lease.AckId);
    }
}
