using Grpc.Core;
using Microsoft.Extensions.Logging;
using SegOps.PubSub.Configuration;
using SegOps.PubSub.Connection;
using SegOps.PubSub.Protocol;
using SegOps.PubSub.Telemetry;
using SegOps.PubSub.Topology;

namespace SegOps.PubSub.Subscribing;

/// <summary>
/// Receives by StreamingPull. To stop, it half-closes the stream: the service then sends the messages in
/// flight and ends the stream. Messages in flight on a cancelled stream would wait for the end of their leases.
/// </summary>
internal sealed class StreamPuller(
    string subscription, PubSubClient client, TopologyInitializer topology, SubscriberOptions options,
    PubSubTelemetry telemetry, TimeProvider timeProvider, ILogger logger)
    : Puller(subscription, client, topology, options, telemetry, timeProvider, logger)
{
    private readonly PubSubClient _client = client;
    private readonly SubscriberOptions _options = options;
    private readonly TimeProvider _timeProvider = timeProvider;
    private readonly string _clientId = Guid.NewGuid().ToString();

    protected override async Task ReceiveAsync(Deliver deliver, CancellationToken stopping)
    {
        // Cancels the stream if the server does not end it after the half-close.
        using var abort = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _timeProvider);
        await using var aborting = stopping.Register(() => abort.CancelAfter(_options.DrainTimeout));
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var call = _client.Subscriber.StreamingPull(PubSubClient.Stream(Name, abort.Token));
        var open = KeepOpenAsync(call.RequestStream, ending.Token);
        try
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
                await deliver(call.ResponseStream.Current.ReceivedMessages, _options.AckDeadline, stopping);
        }
        finally
        {
            await ending.CancelAsync();
            await open;
        }
    }

    private StreamingPullRequest Opening() => new()
    {
        Subscription = Name,
        StreamAckDeadlineSeconds = (int)_options.AckDeadline.TotalSeconds,
        ClientId = _clientId,
        MaxOutstandingMessages = _options.MaxOutstandingMessages,
        MaxOutstandingBytes = _options.MaxOutstandingBytes,
    };

    /// <summary>Opens the stream and pings until <paramref name="ending"/>, then half-closes.</summary>
    private async Task KeepOpenAsync(IClientStreamWriter<StreamingPullRequest> requests, CancellationToken ending)
    {
        using var timer = new PeriodicTimer(_options.PingInterval, _timeProvider);
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
            // The stream has ended. Its reader reports the status.
        }
    }
}
