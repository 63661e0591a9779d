using SegOps.Ingestor.Streaming;
using SegOps.Warehouse;

namespace SegOps.Ingestor.Writing;

/// <summary>
/// Finds the faulty rows among messages that ClickHouse refused together, and stores all others. It halves the messages first: they stay
/// compressed. Then it halves the rows of each message that is refused alone.
/// </summary>
internal sealed class FaultIsolation(RetryingInserter inserter, TimeProvider time)
{
    /// <summary>Stores the valid rows of <paramref name="deliveries"/>, which ClickHouse refused together with <paramref name="refusal"/>.</summary>
    /// <returns>A dead letter for each refused row.</returns>
    /// <exception cref="OperationCanceledException">Cancelled. Some rows may be stored.</exception>
    public async Task<List<DeadLetter>> SplitAsync(
        StreamTarget target, ReadOnlyMemory<Delivery> deliveries, Fault refusal, CancellationToken cancellationToken)
    {
        List<DeadLetter> dead = [];
        var messages = new Bisection<Delivery>(
            some => inserter.InsertAsync(target, some.ToArray(), cancellationToken),
            (delivery, fault) => SplitMessageAsync(target, delivery, fault, dead, cancellationToken));
        await messages.SplitAsync(deliveries, refusal);
        return dead;
    }

    private Task SplitMessageAsync(StreamTarget target, Delivery delivery, Fault refusal, List<DeadLetter> dead, CancellationToken cancellationToken)
    {
        var rows = new Bisection<ReadOnlyMemory<byte>>(
            some => inserter.InsertAsync(target.Table, target.Columns, new InsertBody(some.ToArray(), encoding: null), cancellationToken),
            (row, fault) =>
            {
                dead.Add(DeadLetter.OfRow(target.Table, delivery, row, fault, time.GetUtcNow()));
                return Task.CompletedTask;
            });
        return rows.SplitAsync(RowData.Split(delivery.Message.Data).ToArray(), refusal);
    }
}
