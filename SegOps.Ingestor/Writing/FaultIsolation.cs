using SegOps.Ingestor.Streaming;
using SegOps.Warehouse;

namespace SegOps.Ingestor.Writing;

/// <summary>
/// Finds the faulty rows among messages that ClickHouse refused together, and stores all others. It halves the messages first: they stay
/// compressed. Then it halves the rows of each message that is refused alone. A row is at fault only if ClickHouse refuses it several times in
/// succession, and accepts a known-good row for the same table before and after each. Until then it is held:
/// docs/decisions/0021-known-good-rows.md.
/// </summary>
internal sealed class FaultIsolation(RetryingInserter inserter, KnownGoodRow knownGood, TimeProvider time)
{
    /// <summary>Refusals in succession after which a known-good row must be accepted, so that a server at fault is not asked for each row.</summary>
    private const int MaxRefusals = 8;

    /// <summary>Comparisons in succession that a row must fail. A server that fails now and then could fail one of them by chance.</summary>
    private const int Comparisons = 3;

    /// <summary>Stores the valid rows of <paramref name="deliveries"/>, which ClickHouse refused together with <paramref name="refusal"/>.</summary>
    /// <returns>A dead letter for each faulty row.</returns>
    /// <exception cref="OperationCanceledException">Cancelled. Some rows may be stored.</exception>
    public async Task<List<DeadLetter>> SplitAsync(
        StreamTarget target, ReadOnlyMemory<Delivery> deliveries, Fault refusal, CancellationToken cancellationToken)
    {
        List<Suspect> suspects = [];
        var refusals = 0;
        await knownGood.AcceptedAsync(target, 0, cancellationToken);
        await new Bisection<Delivery>(
            some => CountAsync(inserter.InsertAsync(target, some.ToArray(), cancellationToken)), SplitMessageAsync).SplitAsync(deliveries, refusal);
        return await JudgeAsync(target, suspects, cancellationToken);

        Task SplitMessageAsync(Delivery delivery, Fault fault) => new Bisection<ReadOnlyMemory<byte>>(
            some => CountAsync(InsertAsync(target, some.ToArray(), cancellationToken)),
            (row, alone) =>
            {
                suspects.Add(new(delivery, row, alone));
                return Task.CompletedTask;
            }).SplitAsync(RowData.Split(delivery.Message.Data).ToArray(), fault);

        async Task<Fault?> CountAsync(Task<Fault?> insert)
        {
            var fault = await insert;
            refusals = fault is null ? 0 : refusals + 1;
            if (refusals == MaxRefusals)
            {
                await knownGood.AcceptedAsync(target, 0, cancellationToken);
                refusals = 0;
            }
            return fault;
        }
    }

    /// <summary>Inserts rows that were refused alone until they are stored, or refused while known-good rows as large as they are accepted.</summary>
    private async Task<List<DeadLetter>> JudgeAsync(StreamTarget target, List<Suspect> suspects, CancellationToken cancellationToken)
    {
        if (suspects.Count == 0)
            return [];
        var bytes = suspects.Max(suspect => suspect.Row.Length);
        await knownGood.AcceptedAsync(target, bytes, cancellationToken);
        for (var compared = 0; suspects.Count > 0 && compared < Comparisons;)
        {
            List<Suspect> refused = [];
            foreach (var suspect in suspects)
                if (await InsertAsync(target, [suspect.Row], cancellationToken) is { } fault)
                    refused.Add(suspect with { Fault = fault });
            suspects = refused;
            if (suspects.Count > 0)
                compared = await knownGood.AcceptedAsync(target, bytes, cancellationToken) ? compared + 1 : 0;
        }

        return [.. suspects.Select(suspect => DeadLetter.OfRow(target.Table, suspect.Delivery, suspect.Row, suspect.Fault, time.GetUtcNow()))];
    }

    private Task<Fault?> InsertAsync(StreamTarget target, IReadOnlyList<ReadOnlyMemory<byte>> rows, CancellationToken cancellationToken) =>
        inserter.InsertAsync(target.Table, target.Columns, new InsertBody(rows, encoding: null), cancellationToken);

    /// <summary>A row that was refused alone.</summary>
    private sealed record Suspect(Delivery Delivery, ReadOnlyMemory<byte> Row, Fault Fault);
}
