using System.Buffers;
using SegOps.Contracts;
using SegOps.PubSub;
using SegOps.Warehouse;

namespace SegOps.Cli.Replay;

/// <summary>
/// Publishes rows in messages of at most <see cref="MaxRows"/> rows and about <see cref="MaxBytes"/> bytes, a few at a time. The messages
/// carry neither request nor time of receipt: they are of many requests, and their age is nobody's delay.
/// </summary>
internal sealed class RowPublisher(IServiceProvider services, MessageCompressor compressor)
{
    /// <summary>As many as one request may bring.</summary>
    public const int MaxRows = EventLimits.MaxBatchEvents;

    /// <summary>Bytes, uncompressed, at which a message is full: far below what a message may hold, however badly it compresses.</summary>
    public const int MaxBytes = 1_000_000;

    private const int Concurrency = 8;

    /// <summary>
    /// Publishes <paramref name="rows"/>, all of one project and environment; returns when all are confirmed. <paramref name="onConfirmed"/>
    /// learns how many have been each time, from one thread at a time.
    /// </summary>
    /// <exception cref="PublishException">Some were not confirmed: they may have been sent or not.</exception>
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
                // Without the token: what is on its way is waited for, so that what is said to be published is.
                await publisher.PublishAsync(
                    new OutgoingMessage(
                        compressor.Compress(lines.WrittenSpan), MessageAttributes.Of(message[0].Project, message[0].Environment, message.Count)),
                    CancellationToken.None);
                lock (one)
                    onConfirmed(message.Count);
            });
    }

    /// <summary>Cuts rows into messages.</summary>
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
