namespace SegOps.Warehouse;

/// <summary>Finds refused pieces by bisection: about 2 log2(n) inserts for one bad piece among n.</summary>
/// <typeparam name="T">A piece: a message or a row.</typeparam>
/// <param name="refusal">Stores pieces. Returns null if they are stored, else the reason for which they were refused together.</param>
/// <param name="onAlone">Receives each piece that is refused alone.</param>
public sealed class Bisection<T>(Func<ReadOnlyMemory<T>, Task<Fault?>> refusal, Func<T, Fault, Task> onAlone)
{
    /// <summary>Stores all <paramref name="pieces"/> except those that are refused alone.</summary>
    public async Task StoreAsync(ReadOnlyMemory<T> pieces)
    {
        if (await refusal(pieces) is { } fault)
            await SplitAsync(pieces, fault);
    }

    /// <summary>The same for pieces that were already refused together, for the reason <paramref name="fault"/>.</summary>
    public async Task SplitAsync(ReadOnlyMemory<T> pieces, Fault fault)
    {
        if (pieces.Length == 1)
        {
            await onAlone(pieces.Span[0], fault);
            return;
        }

        var middle = pieces.Length / 2;
        await StoreAsync(pieces[..middle]);
        await StoreAsync(pieces[middle..]);
    }
}

/// <summary>The reason for which rows cannot be stored.</summary>
/// <param name="Code">A stable code of SegOps, or <c>clickhouse_</c> and ClickHouse's number.</param>
/// <param name="Message">The message. It may quote the data: write it only to dead_letters, never to a log.</param>
public sealed record Fault(string Code, string Message);
