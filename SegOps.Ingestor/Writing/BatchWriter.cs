using System.Text.Json;
using SegOps.Contracts;
using SegOps.Ingestor.Streaming;
using SegOps.Warehouse;

namespace SegOps.Ingestor.Writing;

/// <summary>Stores a batch: good rows in their table, everything else in dead_letters. Returns only when all of it is stored.</summary>
internal sealed class BatchWriter(PatientInserter inserter, TimeProvider time)
{
    /// <summary>Name of the database that tables are in.</summary>
    public string Database => inserter.Database;

    /// <summary>Stores <paramref name="batch"/>; may be repeated, since what was stored before counts once for readers.</summary>
    /// <returns>The dead letters among it.</returns>
    /// <exception cref="OperationCanceledException">Given up: some of the batch may be stored.</exception>
    public async Task<IReadOnlyList<DeadLetter>> WriteAsync(StreamTarget target, Batch batch, CancellationToken cancellationToken)
    {
        List<DeadLetter> dead = [];
        List<Delivery> sound = [];
        foreach (var delivery in batch.Deliveries)
            if (delivery.Fault is { } fault)
                dead.Add(DeadLetter.OfMessage(target.Table, delivery, fault, time.GetUtcNow()));
            else
                sound.Add(delivery);

        if (sound.Count > 0)
            await StoreAsync(target, sound, dead, cancellationToken);
        if (dead.Count > 0)
            await inserter.InsertUnrefusedAsync(DeadLetter.Table, DeadLetter.Columns, Lines(dead), cancellationToken);
        return dead;
    }

    private async Task StoreAsync(StreamTarget target, List<Delivery> deliveries, List<DeadLetter> dead, CancellationToken cancellationToken)
    {
        Task<Fault?> InsertAsync(IEnumerable<ReadOnlyMemory<byte>> pieces, string? encoding) =>
            inserter.InsertAsync(target.Table, target.Columns, new InsertBody([.. pieces], encoding), cancellationToken);

        Task OnRefusedMessage(Delivery delivery, Fault fault)
        {
            var rows = new Bisection<ReadOnlyMemory<byte>>(
                some => InsertAsync(some.ToArray(), encoding: null),
                (row, reason) =>
                {
                    dead.Add(DeadLetter.OfRow(target.Table, delivery, row, reason, time.GetUtcNow()));
                    return Task.CompletedTask;
                });
            return rows.SplitAsync(RowData.Split(delivery.Message.Data).ToArray(), fault);
        }

        var messages = new Bisection<Delivery>(
            some => InsertAsync(some.ToArray().Select(delivery => delivery.Message.Data), MessageAttributes.Zstd),
            OnRefusedMessage);
        await messages.StoreAsync(deliveries.ToArray());
    }

    private static InsertBody Lines(List<DeadLetter> dead)
    {
        using var lines = new MemoryStream();
        foreach (var letter in dead)
        {
            JsonSerializer.Serialize(lines, letter, DeadLetterJson.Default.DeadLetter);
            lines.WriteByte((byte)'\n');
        }

        return new InsertBody([lines.ToArray()], encoding: null);
    }
}
