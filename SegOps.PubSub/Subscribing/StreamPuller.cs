using Grpc.Core;
using Microsoft.Extensions.Logging;
using SegOps.PubSub.Connection;
using SegOps.PubSub.Protocol;
using SegOps.PubSub.Telemetry;
using SegOps.PubSub.Topology;

namespace SegOps.PubSub.Subscribing;

/// <summary>Keeps one streaming pull open. It is ended by half-close only: the emulator goes on delivering into a cancelled stream.</summary>
/// <param name="subscription">Short name.</param>
/// <param name="client">Where to pull.</param>
/// <param name="topology">Makes sure that the subscription exists, in development.</param>
/// <param name="options">Limits and waits.</param>
/// <param name="deliver">Takes what is received; the next response is read when the task completes.</param>
/// <param name="telemetry">Counts the streams.</param>
/// <param name="timeProvider">The clock of waits and pings.</param>
/// <param name="logger">Of the subscriber.</param>
internal sealed partial class StreamPuller(
    string subscription, PubSubClient client, TopologyKeeper topology, SubscriberOptions options,
    Func<IReadOnlyList<Protocol.ReceivedMessage>, Task> deliver, PubSubTelemetry telemetry, TimeProvider timeProvider, ILogger logger)
{
    private readonly string _name = client.Connection.Subscription(subscription);
    private readonly string _clientId = Guid.NewGuid().ToString();

    /// <summary>Pulls, opening the stream again whenever it breaks, until <paramref name="stopping"/>; then half-closes and reads to the end.</summary>
    /// <exception cref="SubscriptionException">Opening it again cannot help.</exception>
    public async Task RunAsync(CancellationToken stopping)
    {
        var backoff = new Backoff(options.ReconnectDelay, Factor: 2, options.ReconnectMaxDelay);
        var failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            var opened = timeProvider.GetTimestamp();
            var (end, received) = await PullAsync(stopping);
            telemetry.StreamEnded(subscription, end.StatusCode);
            if (stopping.IsCancellationRequested)
                return;
            if (topology.CanHeal(end.StatusCode))
                topology.Doubt();
            else if (end.StatusCode != StatusCode.OK && !Retries.IsTransient(end.StatusCode))
                throw new SubscriptionException($"Subscription {subscription} cannot be read: Pub/Sub answers {end.StatusCode}.", end.StatusCode);

            var lived = timeProvider.GetElapsedTime(opened);
            if (received)
                failures = 0;
            var wait = lived >= options.LongLived && end.StatusCode is StatusCode.Unavailable or StatusCode.OK ? TimeSpan.Zero : backoff.Delay(failures++);
            LogEnded(logger, end.StatusCode, lived.TotalSeconds, wait.TotalMilliseconds);
            await Task.Delay(wait, timeProvider, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<(Status End, bool Received)> PullAsync(CancellationToken stopping)
    {
        var received = false;
        // The last resort, for a server that does not end the stream after the half-close.
        using var abort = new CancellationTokenSource(Timeout.InfiniteTimeSpan, timeProvider);
        using var aborting = stopping.Register(() => abort.CancelAfter(options.DrainTimeout));
        try
        {
            await topology.EnsureAsync(stopping);
            using var call = client.Subscriber.StreamingPull(PubSubClient.Stream(_name, abort.Token));
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            var open = KeepOpenAsync(call.RequestStream, ending.Token);
            try
            {
                while (await call.ResponseStream.MoveNext(CancellationToken.None))
                {
                    received = true;
                    await deliver(call.ResponseStream.Current.ReceivedMessages);
                }
                return (Status.DefaultSuccess, received);
            }
            finally
            {
                await ending.CancelAsync();
                await open;
            }
        }
        catch (RpcException failure)
        {
            return (failure.Status, received);
        }
        catch (OperationCanceledException)
        {
            return (Status.DefaultCancelled, received);
        }
    }

    private StreamingPullRequest Opening() => new()
    {
        Subscription = _name,
        StreamAckDeadlineSeconds = (int)options.AckDeadline.TotalSeconds,
        ClientId = _clientId,
        MaxOutstandingMessages = options.MaxOutstandingMessages,
        MaxOutstandingBytes = options.MaxOutstandingBytes,
    };

    /// <summary>Opens the stream and pings until <paramref name="ending"/>, then half-closes.</summary>
    private async Task KeepOpenAsync(IClientStreamWriter<StreamingPullRequest> requests, CancellationToken ending)
    {
        using var timer = new PeriodicTimer(options.PingInterval, timeProvider);
        try
        {
            await requests.WriteAsync(Opening(), CancellationToken.None);
            try
            {
                while (await timer.WaitForNextTickAsync(ending))
                    await requests.WriteAsync(new(), CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                await requests.CompleteAsync();
            }
        }
        catch (Exception failure) when (failure is RpcException or InvalidOperationException)
        {
            // The stream has ended; its reader says how.
        }
    }

    [LoggerMessage(LogLevel.Information, "Stream ended {Status} after {Seconds:0.0} s; opening another in {Milliseconds:0} ms.")]
    private static partial void LogEnded(ILogger logger, StatusCode status, double seconds, double milliseconds);
}
