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
/// Receives from one subscription, as <see cref="SubscriberOptions.Mode"/> says. Delivery is at least once and unordered. What is held is bounded by bytes and
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
    private readonly Puller[] _pullers;
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
        _pullers = (_options.Mode ?? (client.Connection.IsEmulator ? PullMode.Pull : PullMode.StreamingPull)) == PullMode.Pull
            ? [new UnaryPuller(subscription, client, topology, _options, telemetry, timeProvider, logger)]
            : [.. Enumerable.Range(0, _options.Streams).Select(_ => new StreamPuller(subscription, client, topology, _options, telemetry, timeProvider, logger))];
        using (ExecutionContext.SuppressFlow())
        {
            _settler = new(subscription, client, _options, telemetry, timeProvider, logger);
            _keeping = Task.Run(() => _leases.KeepAsync(_settler.Extend, _disposing.Token));
        }
    }

    /// <summary>
    /// Gives messages until <paramref name="stopping"/>. Then it receives what is on its way, nacks what was not handed out yet, and ends;
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

    /// <summary>Runs all pullers; the first that fails for good stops the others and is what the reader gets.</summary>
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
            await puller.RunAsync((received, lease) => DeliverAsync(received, lease, buffer, stop.Token), stop.Token);
        }
        catch (Exception failure)
        {
            _probe.Report(_subscription, failure.Message);
            await stop.CancelAsync();
            throw;
        }
    }

    private async Task DeliverAsync(
        IReadOnlyList<Protocol.ReceivedMessage> received, TimeSpan lease, ChannelWriter<ReceivedMessage> buffer, CancellationToken stopping)
    {
        foreach (var message in received.Select(message => Lease(message, lease)))
        {
            if (stopping.IsCancellationRequested)
                message.Nack();
            else
                buffer.TryWrite(message);
        }

        // Not reading on is what slows Pub/Sub down; only when stopping is everything read in any case.
        await _leases.RoomAsync().WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private ReceivedMessage Lease(Protocol.ReceivedMessage received, TimeSpan length)
    {
        var lease = _leases.Add(received.AckId, received.CalculateSize(), length);
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
