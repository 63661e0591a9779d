using System.Buffers;
using SegOps.Contracts;
using SegOps.PubSub.Publishing;
using SegOps.Warehouse;

namespace SegOps.Cli.Replay;

/// <summary>
/// Publishes rows in messages of at most <see cref="MaxRows"/> rows and about <see cref="MaxBytes"/> bytes. The messages have no request id and no
/// time of receipt, because their rows are of several requests and must not count as slow.
/// </summary>
internal sealed class RowPublisher(IServiceProvider services, MessageCompressor compressor)
{
    /// <summary>Maximum of rows in a message: that of a request.</summary>
    public const int MaxRows = EventLimits.MaxBatchEvents;

    /// <summary>Maximum of uncompressed bytes in a message, far below Pub/Sub's limit even without compression.</summary>
    public const int MaxBytes = 1_000_000;

    private const int Concurrency = 8;

    /// <summary>
    /// Publishes <paramref name="rows"/>, all of one project and environment, and waits for their confirmation. <paramref name="onConfirmed"/>
    /// receives the number of rows of each confirmed message, from one thread at a time.
    /// </summary>
    /// <exception cref="PublishException">Some rows were not confirmed. They may have been published.</exception>
    public async Task PublishAsync(StreamTarget target, IReadOnlyList<ReplayRow> rows, Action<int> onConfirmed, CancellationToken stop)
    {
        var publisher = services.GetRequiredKeyedService<Publisher>(target.Topic);
        var one = new Lock();
        await Parallel.ForEachAsync(
            Messages(rows),
            new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = stop },
            async (message, _) =>
            {
                var lines = new ArrayBufferWriter<byte>();
                foreach (var row in message)
                    lines.Write(row.Bytes.Span);
                // Not cancelled, so that every message sent is also confirmed and counted.
                await publisher.PublishAsync(
                    new OutgoingMessage(
                        compressor.Compress(lines.WrittenSpan), MessageAttributes.Of(message[0].Project, message[0].Environment, message.Count)),
                    CancellationToken.None);
                lock (one)
                    onConfirmed(message.Count);
            });
    }

    /// <summary>Groups rows into messages.</summary>
    internal static IEnumerable<List<ReplayRow>> Messages(IReadOnlyList<ReplayRow> rows)
    {
        List<ReplayRow> message = [];
        var bytes = 0;
        foreach (var row in rows)
        {
            if (message.Count == MaxRows || (message.Count > 0 && bytes + row.Bytes.Length > MaxBytes))
            {
                yield return message;
                (message, bytes) = ([], 0);
            }

            message.Add(row);
            bytes += row.Bytes.Length;
        }

        if (message.Count > 0)
            yield return message;
    }
}
