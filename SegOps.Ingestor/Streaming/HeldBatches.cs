using System.Collections.Concurrent;
using SegOps.Warehouse;

namespace SegOps.Ingestor.Streaming;

/// <summary>The batches that are held: received in part or whole, and not acked yet. What waits in Pub/Sub is not among them.</summary>
internal sealed class HeldBatches(TimeProvider time)
{
    private readonly ConcurrentDictionary<Batch, string> _held = new();

    /// <summary>Events in them; rows for other tables are not counted.</summary>
    public long Events => _held.Where(held => held.Value == StreamTarget.Events.Table).Sum(held => (long)held.Key.Rows);

    /// <summary>How long the oldest has been held, whatever its table; 0 when none is.</summary>
    public TimeSpan OldestAge => _held.Keys.Select(batch => time.GetElapsedTime(batch.OpenedAt)).DefaultIfEmpty().Max();

    /// <summary>A batch for <paramref name="table"/> is held from its first message on.</summary>
    public void Add(Batch batch, string table) => _held.TryAdd(batch, table);

    /// <summary>A batch is held no longer.</summary>
    public void Remove(Batch batch) => _held.TryRemove(batch, out _);
}
