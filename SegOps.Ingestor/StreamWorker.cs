using System.Diagnostics;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.Ingestor.Streaming;
using SegOps.Ingestor.Telemetry;
using SegOps.Ingestor.Writing;
using SegOps.PubSub.Subscribing;
using SegOps.Warehouse;

namespace SegOps.Ingestor;

/// <summary>
/// Stores a subscription's messages in their table, and acks each message after it is stored. One batch fills while another is
/// inserted; other messages wait in Pub/Sub. A batch that is not stored in time pauses the stream. If it is given back meanwhile, the stream goes
/// on when the table accepts a known-good row: docs/decisions/0020-outages.md.
/// </summary>
internal sealed partial class StreamWorker(
    StreamTarget target,
    Subscriber subscriber,
    Batcher batcher,
    BatchWriter writer,
    KnownGoodRow knownGood,
    HeldBatches held,
    IngestorTelemetry telemetry,
    IOptions<IngestorOptions> options,
    TimeProvider time,
    ILogger<StreamWorker> log)
{
    /// <summary>Whether the stream's messages are those that Pub/Sub has given up. They go to dead_letters as they are.</summary>
    public bool IsDeadLetters => target.Subscription is Streams.EventsDeadLetterSubscription or Streams.RejectionsDeadLetterSubscription or Streams.ReceivedDeadLetterSubscription;

    /// <summary>Short name of the subscription.</summary>
    public string Subscription => target.Subscription;

    /// <summary>Runs until <paramref name="stopping"/>, then stores the received messages. At <paramref name="abort"/> it nacks the rest.</summary>
    public async Task RunAsync(CancellationToken stopping, CancellationToken abort)
    {
        using var pulling = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var storing = Task.CompletedTask;
        try
        {
            var delay = target == StreamTarget.LateEvents ? options.Value.LateBatchDelay : options.Value.BatchDelay;
            await foreach (var batch in batcher.BatchAsync(ReceiveAsync(pulling.Token), delay, opened => held.Add(opened, target)))
            {
                await storing;
                storing = StoreAsync(batch, pulling, stopping, abort);
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
        {
            var processing = telemetry.StartProcessing(target.Subscription, message.MessageId, message.TraceParent);
            yield return IsDeadLetters ? Delivery.OfDeadLetter(message, processing) : new Delivery(message, processing);
        }
    }

    private async Task StoreAsync(Batch batch, CancellationTokenSource pulling, CancellationToken stopping, CancellationToken abort)
    {
        try
        {
            if (!await IsStoredAsync(batch, abort))
                await WaitForTableAsync(batch, stopping);
            subscriber.Resume();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && !abort.IsCancellationRequested)
        {
            // The batch was given back, and the table still fails.
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

    /// <summary>Stores the batch, and pauses the stream while that takes long.</summary>
    /// <returns>False if all its messages were given back before it was stored.</returns>
    private async Task<bool> IsStoredAsync(Batch batch, CancellationToken abort)
    {
        if (batch.Deliveries.All(delivery => delivery.Message.IsGivenBack))
            return false;
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(abort);
        var writing = WriteAsync(batch, giveUp.Token);
        await writing.WaitAsync(options.Value.PauseAfter, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!writing.IsCompleted)
        {
            subscriber.Pause();
            LogPaused(log, target.Subscription, target.Table, options.Value.PauseAfter.TotalSeconds);
            if (await Task.WhenAny(writing, Task.WhenAll(batch.Deliveries.Select(delivery => delivery.Message.GivenBack))) != writing)
                await giveUp.CancelAsync();
        }

        try
        {
            await writing;
            return true;
        }
        catch (OperationCanceledException) when (!abort.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Ends the batch, which has no holder any more, and waits until its table accepts rows.</summary>
    private async Task WaitForTableAsync(Batch batch, CancellationToken stopping)
    {
        LogGivenBack(log, target.Subscription, batch.Deliveries.Count, target.Table);
        foreach (var delivery in batch.Deliveries)
            delivery.Nack();
        held.Remove(batch);
        await knownGood.AcceptedAsync(target, 0, stopping);
        LogResumed(log, target.Subscription, target.Table);
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
            telemetry.Stored(target, batch, dead.Count - faultyMessages);
            foreach (var (code, count) in dead.CountBy(letter => letter.Code))
                telemetry.DeadLettered(target.Table, code, count);
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Subscription} is paused: a batch for {Table} is not stored after {Seconds} s.")]
    private static partial void LogPaused(ILogger log, string subscription, string table, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Subscription}: {Count} messages for {Table} could not be stored in time and are returned to Pub/Sub.")]
    private static partial void LogGivenBack(ILogger log, string subscription, int count, string table);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Subscription} goes on: {Table} accepts rows again.")]
    private static partial void LogResumed(ILogger log, string subscription, string table);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} messages for {Table} were not stored before the shutdown and are returned to Pub/Sub.")]
    private static partial void LogGivenUp(ILogger log, string table, int count);
}
