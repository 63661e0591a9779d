using Grpc.Core;
using Microsoft.Extensions.Logging;
using Polly;
using SegOps.PubSub.Configuration;
using SegOps.PubSub.Connection;
using SegOps.PubSub.Protocol;
using SegOps.PubSub.Telemetry;
using SegOps.PubSub.Topology;

namespace SegOps.PubSub.Publishing;

/// <summary>Sends a batch in one Publish call. Retries while the failure is transient and a caller waits.</summary>
internal sealed partial class BatchSender(
    string topic, PubSubClient client, TopologyInitializer topology, PublisherOptions options, PubSubTelemetry telemetry, TimeProvider timeProvider, ILogger logger)
{
    private readonly string _topicName = client.Connection.Topic(topic);

    private readonly ResiliencePipeline _retries = Retries.Pipeline(
        options.MaxAttempts,
        new Backoff(options.RetryDelay, Factor: 4, options.RetryMaxDelay),
        timeProvider,
        status => Retries.IsTransient(status) || topology.CanRecreate(status));

    /// <summary>Confirms or fails every message of the batch; does not throw.</summary>
    public async Task SendAsync(List<PendingMessage> batch)
    {
        using var deadline = new CancellationTokenSource(TimeLeft(batch), timeProvider);
        var last = StatusCode.OK;
        try
        {
            await _retries.ExecuteAsync(async token =>
            {
                try
                {
                    await AttemptAsync(batch, token);
                }
                catch (RpcException failure)
                {
                    last = failure.StatusCode;
                    if (topology.CanRecreate(last))
                        topology.Invalidate();
                    throw;
                }
            }, deadline.Token);
        }
        catch (Exception failure)
        {
            var explained = Explain(last, failure);
            foreach (var message in batch)
                message.Fail(explained);
            LogFailed(logger, batch.Count, topic, explained.Failure, last, failure is RpcException or OperationCanceledException ? null : failure);
        }
    }

    private async Task AttemptAsync(List<PendingMessage> batch, CancellationToken cancellationToken)
    {
        await topology.EnsureAsync(cancellationToken);
        var waiting = batch.FindAll(message => !message.IsCompleted);
        if (waiting.Count == 0)
            return;

        var request = new PublishRequest { Topic = _topicName };
        request.Messages.AddRange(waiting.Select(message => message.Message));
        PublishResponse? response = null;
        await telemetry.MeasureAsync("publish", topic, async () =>
            response = await client.Publisher.PublishAsync(request, client.Call(_topicName, options.CallDeadline, cancellationToken)));
        for (var i = 0; i < waiting.Count; i++)
            waiting[i].Confirm(response!.MessageIds[i]);
    }

    private TimeSpan TimeLeft(List<PendingMessage> batch)
    {
        var left = timeProvider.GetElapsedTime(timeProvider.GetTimestamp(), batch.Max(message => message.Deadline));
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private static PublishException Explain(StatusCode last, Exception failure) => failure switch
    {
        OperationCanceledException or RpcException { StatusCode: StatusCode.DeadlineExceeded or StatusCode.Cancelled } =>
            new(PublishFailure.DeadlineExceeded, $"Pub/Sub did not confirm the message in time (last status: {last}).", failure),
        RpcException when !Retries.IsTransient(last) => new(PublishFailure.Refused, $"Pub/Sub refused the message ({last}).", failure),
        _ => new(PublishFailure.Unavailable, $"Pub/Sub is unavailable ({last}).", failure),
    };

    [LoggerMessage(LogLevel.Warning, "{Count} message(s) for {Topic} were not confirmed: {Failure}, last status {Status}.")]
    private static partial void LogFailed(ILogger logger, int count, string topic, PublishFailure failure, StatusCode status, Exception? exception);
}
