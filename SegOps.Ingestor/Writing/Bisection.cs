using SegOps.Ingestor.Streaming;

namespace SegOps.Ingestor.Writing;

/// <summary>Finds the pieces that are refused by storing ever smaller halves: about 2 log2(n) inserts for one bad piece among n.</summary>
/// <param name="refusal">Tries to store pieces; null when stored, else why they were refused as a whole.</param>
/// <param name="onAlone">Gets each piece that is refused on its own.</param>
internal sealed class Bisection<T>(Func<ReadOnlyMemory<T>, Task<Fault?>> refusal, Func<T, Fault, Task> onAlone)
{
    /// <summary>Stores every piece that is not refused on its own.</summary>
    public async Task StoreAsync(ReadOnlyMemory<T> pieces)
    {
        if (await refusal(pieces) is { } fault)
            await SplitAsync(pieces, fault);
    }

    /// <summary>As <see cref="StoreAsync"/>, for pieces of which it is known already that they are refused as a whole.</summary>
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
