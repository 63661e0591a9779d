using Microsoft.Extensions.Options;

namespace SegOps.Ingestor.Streaming;

/// <summary>Cuts a stream of deliveries into batches by time, rows and bytes; see <see cref="IngestorOptions"/>.</summary>
internal sealed class Batcher(IOptions<IngestorOptions> options, TimeProvider time)
{
    private readonly IngestorOptions _options = options.Value;

    /// <summary>
    /// Yields a batch when its time is over or it is full. Reads at most one delivery ahead, so that whoever holds a batch back
    /// holds the stream back too. <paramref name="onOpened"/> learns of each batch when its first delivery is in.
    /// </summary>
    public async IAsyncEnumerable<Batch> BatchAsync(IAsyncEnumerable<Delivery> deliveries, Action<Batch>? onOpened = null)
    {
        var source = deliveries.GetAsyncEnumerator();
        var next = source.MoveNextAsync().AsTask();
        try
        {
            while (await next)
            {
                using var filled = new CancellationTokenSource();
                var expired = Task.Delay(_options.BatchDelay, time, filled.Token);
                var batch = new Batch(time.GetTimestamp());
                do
                {
                    batch.Add(source.Current);
                    if (batch.Deliveries.Count == 1)
                        onOpened?.Invoke(batch);
                    next = source.MoveNextAsync().AsTask();
                }
                while (!IsFull(batch) && await ComesBefore(expired, next) && await next);

                await filled.CancelAsync();
                yield return batch;
            }
        }
        finally
        {
            // An enumerator must not be disposed while it moves; whoever stops early has stopped the source before.
            await next.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            await source.DisposeAsync();
        }
    }

    private bool IsFull(Batch batch) => batch.Rows >= _options.BatchRows || batch.Bytes >= _options.BatchBytes;

    private static async ValueTask<bool> ComesBefore(Task expired, Task next) =>
        !expired.IsCompleted && (next.IsCompleted || await Task.WhenAny(next, expired) == next);
}
