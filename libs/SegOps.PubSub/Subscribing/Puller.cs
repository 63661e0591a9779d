using Grpc.Core;
using Microsoft.Extensions.Logging;
using SegOps.PubSub.Connection;
using SegOps.PubSub.Telemetry;
using SegOps.PubSub.Topology;

namespace SegOps.PubSub.Subscribing;

/// <summary>Takes what a <see cref="Puller"/> received; the puller asks for more when the task completes.</summary>
/// <param name="messages">At least one.</param>
/// <param name="lease">How long Pub/Sub leases them from now on, unless the lease is extended.</param>
internal delegate Task Deliver(IReadOnlyList<Protocol.ReceivedMessage> messages, TimeSpan lease);

/// <summary>Receives from one subscription, and begins anew whenever that breaks off.</summary>
/// <param name="subscription">Short name.</param>
/// <param name="client">Where to pull.</param>
/// <param name="topology">Makes sure that the subscription exists, in development.</param>
/// <param name="options">Limits and waits.</param>
/// <param name="telemetry">Counts how often it broke off.</param>
/// <param name="timeProvider">The clock of waits.</param>
/// <param name="logger">Of the subscriber.</param>
internal abstract partial class Puller(
    string subscription, PubSubClient client, TopologyKeeper topology, SubscriberOptions options,
    PubSubTelemetry telemetry, TimeProvider timeProvider, ILogger logger)
{
    /// <summary>Full name of the subscription.</summary>
    protected string Name { get; } = client.Connection.Subscription(subscription);

    /// <summary>Receives until <paramref name="stopping"/>, and then delivers what is still on its way.</summary>
    /// <exception cref="SubscriptionException">Beginning anew cannot help.</exception>
    public async Task RunAsync(Deliver deliver, CancellationToken stopping)
    {
        var backoff = new Backoff(options.ReconnectDelay, Factor: 2, options.ReconnectMaxDelay);
        var failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            var began = timeProvider.GetTimestamp();
            var status = await TryAsync(DeliverAndForgetFailures, stopping);
            telemetry.PullEnded(subscription, status);
            if (stopping.IsCancellationRequested)
                return;
            if (topology.CanHeal(status))
                topology.Doubt();
            else if (status != StatusCode.OK && !Retries.IsTransient(status))
                throw new SubscriptionException($"Subscription {subscription} cannot be read: Pub/Sub answers {status}.", status);

            var lived = timeProvider.GetElapsedTime(began);
            var wait = lived >= options.LongLived && status is StatusCode.Unavailable or StatusCode.OK ? TimeSpan.Zero : backoff.Delay(failures++);
            LogEnded(logger, status, lived.TotalSeconds, wait.TotalMilliseconds);
            await Task.Delay(wait, timeProvider, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Task DeliverAndForgetFailures(IReadOnlyList<Protocol.ReceivedMessage> messages, TimeSpan lease)
        {
            failures = 0;
            return deliver(messages, lease);
        }
    }

    /// <summary>Receives until <paramref name="stopping"/>, or until the server ends it in good order.</summary>
    /// <exception cref="RpcException">It broke off.</exception>
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

    [LoggerMessage(LogLevel.Information, "Receiving ended {Status} after {Seconds:0.0} s; again in {Milliseconds:0} ms.")]
    private static partial void LogEnded(ILogger logger, StatusCode status, double seconds, double milliseconds);
}
