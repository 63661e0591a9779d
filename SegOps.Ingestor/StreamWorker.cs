using System.Diagnostics;
using SegOps.Ingestor.Streaming;
using SegOps.Ingestor.Telemetry;
using SegOps.Ingestor.Writing;
using SegOps.PubSub.Subscribing;
using SegOps.Warehouse;

namespace SegOps.Ingestor;

/// <summary>
/// Stores a subscription's messages in their table, and acks each message after it is stored. One batch fills while another is
/// inserted; other messages wait in Pub/Sub.
/// </summary>
internal sealed partial class StreamWorker(
    StreamTarget target,
    Subscriber subscriber,
    Batcher batcher,
    BatchWriter writer,
    HeldBatches held,
    IngestorTelemetry telemetry,
    ILogger<StreamWorker> log)
{
    /// <summary>Runs until <paramref name="stopping"/>, then stores the received messages. At <paramref name="abort"/> it nacks the rest.</summary>
    public async Task RunAsync(CancellationToken stopping, CancellationToken abort)
    {
        using var pulling = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var storing = Task.CompletedTask;
        try
        {
            await foreach (var batch in batcher.BatchAsync(ReceiveAsync(pulling.Token), opened => held.Add(opened, target.Table)))
            {
                await storing;
                storing = StoreAsync(batch, pulling, abort);
            }
        }
        finally
        {
            await storing;
        }

        await subscriber.FlushAsync(abort);
    }

    private async IAsyncEnumerable<Delivery> ReceiveAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stopping)
    {
        // The token is an argument: it completes the stream, while the enumerator's own token would abort it.
        await foreach (var message in subscriber.ReadAsync(stopping))
            yield return new Delivery(message, telemetry.StartProcessing(target.Subscription, message.MessageId, message.TraceParent));
    }

    private async Task StoreAsync(Batch batch, CancellationTokenSource pulling, CancellationToken abort)
    {
        try
        {
            await WriteAsync(batch, abort);
        }
        catch (Exception) when (abort.IsCancellationRequested)
        {
            LogGivenUp(log, target.Table, batch.Deliveries.Count);
            foreach (var delivery in batch.Deliveries)
                delivery.Nack();
        }
        catch
        {
            await pulling.CancelAsync();
            throw;
        }
        finally
        {
            held.Remove(batch);
        }
    }

    private async Task WriteAsync(Batch batch, CancellationToken abort)
    {
        using var insert = telemetry.StartInsert(writer.Database, target.Table, batch);
        try
        {
            var dead = await writer.WriteAsync(target, batch, abort);
            var messages = dead.Select(letter => letter.MessageId).ToHashSet();
            foreach (var delivery in batch.Deliveries)
                delivery.Ack(isDeadLettered: messages.Contains(delivery.Message.MessageId));

            var faultyMessages = batch.Deliveries.Count(delivery => delivery.Fault is not null);
            telemetry.Stored(target.Table, batch, dead.Count - faultyMessages, dead.Count);
            if (dead.Count > 0)
                LogDeadLettered(log, target.Table, dead.Count, string.Join(", ", dead.Select(letter => letter.Code).Distinct()));
        }
        catch (Exception exception)
        {
            insert?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} messages or rows for {Table} are in dead_letters ({Codes}).")]
    private static partial void LogDeadLettered(ILogger log, string table, int count, string codes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} messages for {Table} were not stored before the shutdown and are returned to Pub/Sub.")]
    private static partial void LogGivenUp(ILogger log, string table, int count);
}
