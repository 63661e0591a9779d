using System.Text.Json;
using SegOps.Ingestor.Streaming;
using SegOps.Warehouse;

namespace SegOps.Ingestor.Writing;

/// <summary>Stores a batch in one insert. Unreadable messages and rows that ClickHouse refuses go to dead_letters.</summary>
internal sealed class BatchWriter(RetryingInserter inserter, FaultIsolation isolation, TimeProvider time)
{
    /// <summary>Name of the database.</summary>
    public string Database => inserter.Database;

    /// <summary>Stores <paramref name="batch"/>. A repetition is safe, because readers count each row once.</summary>
    /// <returns>The dead letters of the batch. Everything else is stored.</returns>
    /// <exception cref="OperationCanceledException">Cancelled. Part of the batch may be stored.</exception>
    public async Task<IReadOnlyList<DeadLetter>> WriteAsync(StreamTarget target, Batch batch, CancellationToken cancellationToken)
    {
        Delivery[] readable = [.. batch.Deliveries.Where(delivery => delivery.Fault is null)];
        var refusal = readable.Length == 0 ? null : await inserter.InsertAsync(target, readable, cancellationToken);

        var dead = Unreadable(target, batch);
        if (refusal is not null)
            dead.AddRange(await isolation.SplitAsync(target, readable, refusal, cancellationToken));
        if (dead.Count > 0)
            await inserter.InsertUnrefusedAsync(DeadLetter.Table, DeadLetter.Columns, Lines(dead), cancellationToken);
        return dead;
    }

    private List<DeadLetter> Unreadable(StreamTarget target, Batch batch)
    {
        List<DeadLetter> dead = [];
        foreach (var delivery in batch.Deliveries)
            if (delivery.Fault is { } fault)
                dead.Add(DeadLetter.OfMessage(target.Table, delivery, fault, time.GetUtcNow()));
        return dead;
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
