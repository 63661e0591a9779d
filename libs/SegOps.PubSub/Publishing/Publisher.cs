using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SegOps.PubSub.Configuration;
using SegOps.PubSub.Connection;
using SegOps.PubSub.Telemetry;
using SegOps.PubSub.Topology;

namespace SegOps.PubSub.Publishing;

/// <summary>Publishes to a topic. Messages that are published at about the same time share a call. Their order is not kept.</summary>
public sealed class Publisher : IAsyncDisposable
{
    private readonly string _topic;
    private readonly PublisherOptions _options;
    private readonly PubSubTelemetry _telemetry;
    private readonly TimeProvider _timeProvider;
    private readonly PublishBuffer _buffer;
    private readonly BatchSender _sender;
    private readonly SemaphoreSlim _calls;
    private readonly Task _pump;

    internal Publisher(
        string topic, PubSubClient client, TopologyInitializer topology, IOptions<PubSubOptions> options, PubSubTelemetry telemetry, TimeProvider timeProvider,
        ILogger<Publisher> logger)
    {
        _topic = topic;
        _options = options.Value.Publisher;
        _telemetry = telemetry;
        _timeProvider = timeProvider;
        _buffer = new(topic, _options, telemetry, timeProvider);
        _sender = new(topic, client, topology, _options, telemetry, timeProvider, logger);
        _calls = new(_options.MaxConcurrentCalls);

        // A call serves many requests, so it must not carry the trace and log scope of one of them.
        using (ExecutionContext.SuppressFlow())
            _pump = Task.Run(PumpAsync);
    }

    /// <summary>
    /// Completes when Pub/Sub has confirmed the message, within <see cref="PublisherOptions.MessageDeadline"/>. Starts the producer span and
    /// writes it to the attribute <c>googclient_traceparent</c>.
    /// </summary>
    /// <returns>The message's id in Pub/Sub.</returns>
    /// <exception cref="PublishException">Pub/Sub did not confirm the message. It may have been sent, depending on the failure.</exception>
    /// <exception cref="OperationCanceledException">Cancelled. A message that is not on the wire yet is not sent.</exception>
    /// <exception cref="ObjectDisposedException">The publisher is shutting down.</exception>
    public async Task<string> PublishAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var span = _telemetry.StartSend(_topic, message.Data.Length);
        try
        {
            var traceParent = (span ?? Activity.Current) is { IdFormat: ActivityIdFormat.W3C, Id: var id } ? id : null;
            var deadline = _timeProvider.GetTimestamp() + (long)(_options.MessageDeadline.TotalSeconds * _timeProvider.TimestampFrequency);
            var pending = PendingMessage.From(message, traceParent, deadline);
            _buffer.Add(pending);
            var messageId = await ConfirmedAsync(pending, cancellationToken);
            span?.SetTag("messaging.message.id", messageId);
            _telemetry.Sent(_topic, error: null);
            return messageId;
        }
        catch (Exception failure)
        {
            var error = failure is PublishException publish ? publish.Failure.ToString() : failure.GetType().Name;
            span?.SetTag("error.type", error).SetStatus(ActivityStatusCode.Error, error);
            _telemetry.Sent(_topic, error);
            throw;
        }
    }

    /// <summary>Sends the accepted messages. Ends at the latest at the deadline of the last one.</summary>
    public async ValueTask DisposeAsync()
    {
        _buffer.Complete();
        await _pump;
    }

    private async Task<string> ConfirmedAsync(PendingMessage pending, CancellationToken cancellationToken)
    {
        try
        {
            return await pending.Confirmed.WaitAsync(_options.MessageDeadline, _timeProvider, cancellationToken);
        }
        catch (TimeoutException)
        {
            return pending.Abandon()
                ? throw new PublishException(PublishFailure.DeadlineExceeded, "Pub/Sub did not confirm the message in time.")
                : await pending.Confirmed;
        }
        catch (OperationCanceledException) when (!pending.Abandon())
        {
            return await pending.Confirmed;
        }
    }

    private async Task PumpAsync()
    {
        await _calls.WaitAsync();
        while (await _buffer.NextBatchAsync() is { } batch)
        {
            _ = SendAsync(batch);
            // Waits before the next batch is formed, so that the batch fills while all calls are busy.
            await _calls.WaitAsync();
        }

        // This loop holds one slot. When it holds all of them, every call has ended.
        for (var i = 1; i < _options.MaxConcurrentCalls; i++)
            await _calls.WaitAsync();
    }

    private async Task SendAsync(List<PendingMessage> batch)
    {
        try
        {
            await _sender.SendAsync(batch);
        }
        finally
        {
            _buffer.Release(batch);
            _calls.Release();
        }
    }
}

/// <summary>A message to publish; at most 9 MB with its attributes (Pub/Sub's limit is 10 MB per request).</summary>
/// <param name="Data">The payload. It is not copied: the caller must not change it until the publish has ended.</param>
/// <param name="Attributes">At most 99, with keys of up to 256 and values of up to 1,024 bytes of UTF-8. The publisher sets <c>googclient_traceparent</c>.</param>
public sealed record OutgoingMessage(ReadOnlyMemory<byte> Data, IReadOnlyDictionary<string, string> Attributes)
{
    /// <summary>Maximum size of a message. Pub/Sub's limit is 10 MB per request, and the emulator fails or hangs from 11 MB on.</summary>
    public const int MaxBytes = 9_000_000;
}
