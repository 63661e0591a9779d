using Grpc.Core;
using Microsoft.Extensions.Logging;
using SegOps.PubSub.Configuration;
using SegOps.PubSub.Connection;
using SegOps.PubSub.Telemetry;
using SegOps.PubSub.Topology;

namespace SegOps.PubSub.Subscribing;

/// <summary>Handles messages of a <see cref="Puller"/>, which continues when the task completes.</summary>
/// <param name="messages">At least one.</param>
/// <param name="lease">The duration of their lease, unless it is extended.</param>
/// <param name="ending">Receiving ends or pauses: the task must not wait any longer.</param>
internal delegate Task Deliver(IReadOnlyList<Protocol.ReceivedMessage> messages, TimeSpan lease, CancellationToken ending);

/// <summary>Receives from a subscription, and restarts after failures.</summary>
/// <param name="subscription">Short name.</param>
/// <param name="client">The connection to Pub/Sub.</param>
/// <param name="topology">Creates the subscription in development.</param>
/// <param name="options">The limits and waits.</param>
/// <param name="telemetry">Counts the ends of receiving.</param>
/// <param name="timeProvider">The clock of waits.</param>
/// <param name="logger">The subscriber's logger.</param>
internal abstract partial class Puller(
    string subscription, PubSubClient client, TopologyInitializer topology, SubscriberOptions options,
    PubSubTelemetry telemetry, TimeProvider timeProvider, ILogger logger)
{
    /// <summary>Full name of the subscription.</summary>
    protected string Name { get; } = client.Connection.Subscription(subscription);

    /// <summary>
    /// Receives while <paramref name="gate"/> is open, until <paramref name="stopping"/>. At each end it delivers the messages still in flight.
    /// </summary>
    /// <exception cref="SubscriptionException">A restart cannot help.</exception>
    public async Task RunAsync(Deliver deliver, PullGate gate, CancellationToken stopping)
    {
        var backoff = new Backoff(options.ReconnectDelay, Factor: 2, options.ReconnectMaxDelay);
        var failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            await gate.OpenedAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping, gate.Closing);
            if (ending.IsCancellationRequested)
                continue;
            var began = timeProvider.GetTimestamp();
            var status = await TryAsync(DeliverAndResetFailures, ending.Token);
            telemetry.PullEnded(subscription, status);
            if (ending.IsCancellationRequested)
                continue;
            if (topology.CanRecreate(status))
                topology.Invalidate();
            else if (status != StatusCode.OK && !Retries.IsTransient(status))
                throw new SubscriptionException($"Subscription {subscription} cannot be read: Pub/Sub answers {status}.", status);

            var lived = timeProvider.GetElapsedTime(began);
            var wait = lived >= options.LongLived && status is StatusCode.Unavailable or StatusCode.OK ? TimeSpan.Zero : backoff.Delay(failures++);
            LogEnded(logger, status, lived.TotalSeconds, wait.TotalMilliseconds);
            await Task.Delay(wait, timeProvider, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Task DeliverAndResetFailures(IReadOnlyList<Protocol.ReceivedMessage> messages, TimeSpan lease, CancellationToken ending)
        {
            failures = 0;
            return deliver(messages, lease, ending);
        }
    }

    /// <summary>Receives until <paramref name="stopping"/>, or until the server ends the stream normally.</summary>
    /// <exception cref="RpcException">Receiving failed.</exception>
    protected abstract Task ReceiveAsync(Deliver deliver, CancellationToken stopping);

    private async Task<StatusCode> TryAsync(Deliver deliver, CancellationToken stopping)
    {
        try
        {
            await topology.EnsureAsync(stopping);
            await ReceiveAsync(deliver, stopping);
            return StatusCode.OK;
        }
        catch (RpcException failure)
        {
            return failure.StatusCode;
        }
        catch (OperationCanceledException)
        {
            return StatusCode.Cancelled;
        }
    }

    [LoggerMessage(LogLevel.Information, "Receiving ended with {Status} after {Seconds:0.0} s; restart in {Milliseconds:0} ms.")]
    private static partial void LogEnded(ILogger logger, StatusCode status, double seconds, double milliseconds);
}

/// <summary>Pauses the pullers of a subscriber. It starts open.</summary>
internal sealed class PullGate : IDisposable
{
    private readonly Lock _lock = new();
    private CancellationTokenSource _closing = new();
    private TaskCompletionSource? _opened;

    /// <summary>Cancelled when the gate closes; already cancelled if it is closed.</summary>
    public CancellationToken Closing
    {
        get
        {
            lock (_lock)
                return _closing.Token;
        }
    }

    /// <summary>Completes when the gate is open.</summary>
    public Task OpenedAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
            return _opened?.Task.WaitAsync(cancellationToken) ?? Task.CompletedTask;
    }

    public void Close()
    {
        lock (_lock)
        {
            if (_opened is not null)
                return;
            _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        _closing.Cancel();
    }

    public void Open()
    {
        lock (_lock)
        {
            if (_opened is null)
                return;
            _closing = new();
            _opened.SetResult();
            _opened = null;
        }
    }

    public void Dispose() => _closing.Dispose();
}

/// <summary>A subscription cannot be read: it is missing, or access is denied. A retry does not help.</summary>
public sealed class SubscriptionException(string message, StatusCode status, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The status that Pub/Sub returned.</summary>
    public StatusCode Status { get; } = status;
}
