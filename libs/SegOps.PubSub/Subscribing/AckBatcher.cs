using System.Threading.Channels;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Polly;
using SegOps.PubSub.Configuration;
using SegOps.PubSub.Connection;

namespace SegOps.PubSub.Subscribing;

/// <summary>
/// Sends ack ids in batches: each takes the ids that arrived during the earlier calls. A batch that fails permanently is dropped with a
/// warning. Its messages are delivered again; consumers are idempotent.
/// </summary>
/// <param name="operation">The operation of the calls, for logs.</param>
/// <param name="options">The limits.</param>
/// <param name="send">Makes a call.</param>
/// <param name="timeProvider">The clock of the retries.</param>
/// <param name="logger">The subscriber's logger.</param>
internal sealed partial class AckBatcher(
    string operation, SubscriberOptions options, Func<IReadOnlyList<string>, Task> send, TimeProvider timeProvider, ILogger logger)
{
    private static readonly Backoff Wait = new(TimeSpan.FromMilliseconds(100), 2, TimeSpan.FromSeconds(5));

    private readonly Channel<Item> _items = Channel.CreateUnbounded<Item>(new() { SingleReader = true });
    private readonly ResiliencePipeline _retries = Retries.Pipeline(options.MaxAckAttempts, Wait, timeProvider, Retries.IsTransient);

    /// <summary>Sends the id in the background; ignored after <see cref="Complete"/>.</summary>
    public void Add(string ackId) => _items.Writer.TryWrite(new(ackId, null));

    /// <summary>Completes when all ids added so far are sent or dropped.</summary>
    public Task FlushAsync()
    {
        var flushed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _items.Writer.TryWrite(new(null, flushed)) ? flushed.Task : Task.CompletedTask;
    }

    /// <summary>Accepts no more ids. <see cref="RunAsync"/> ends when all are sent or dropped.</summary>
    public void Complete() => _items.Writer.TryComplete();

    /// <summary>Sends until <see cref="Complete"/>.</summary>
    public async Task RunAsync()
    {
        var inFlight = new HashSet<Task>();
        while (await _items.Reader.WaitToReadAsync())
        {
            if (inFlight.Count == options.MaxConcurrentAckCalls)
                await Task.WhenAny(inFlight);
            inFlight.RemoveWhere(call => call.IsCompleted);
            if (TakeIds() is { Count: > 0 } ids)
                inFlight.Add(SendAsync(ids));

            while (_items.Reader.TryPeek(out var item) && item.Flushed is { } flushed && _items.Reader.TryRead(out _))
                _ = Task.WhenAll(inFlight).ContinueWith(_ => flushed.TrySetResult(), TaskScheduler.Default);
        }
        await Task.WhenAll(inFlight);
    }

    private List<string> TakeIds()
    {
        var ids = new List<string>();
        while (ids.Count < options.MaxAckIds && _items.Reader.TryPeek(out var item) && item.AckId is { } id && _items.Reader.TryRead(out _))
            ids.Add(id);
        return ids;
    }

    private async Task SendAsync(List<string> ids)
    {
        try
        {
            await _retries.ExecuteAsync(async _ => await send(ids));
        }
        catch (Exception failure)
        {
            LogDropped(logger, operation, ids.Count, (failure as RpcException)?.StatusCode, failure is RpcException ? null : failure);
        }
    }

    /// <summary>An id to send, or a flush that completes after all ids before it.</summary>
    private readonly record struct Item(string? AckId, TaskCompletionSource? Flushed);

    [LoggerMessage(LogLevel.Warning, "Could not {Operation} {Count} message(s), which will be delivered again: {Status}.")]
    private static partial void LogDropped(ILogger logger, string operation, int count, StatusCode? status, Exception? exception);
}
