using CsCheck;
using SegOps.Warehouse;

namespace SegOps.Tests.Unit.Ingestor;

public sealed class BisectionTests
{
    private static readonly Fault Refused = new("clickhouse_27", "bad");

    private readonly List<int> _stored = [];
    private readonly List<int> _alone = [];
    private int _inserts;

    [Fact]
    public async Task StoreAsync_NothingRefused_InsertsOnce()
    {
        await StoreAsync(Enumerable.Range(0, 100), isBad: _ => false);

        Assert.Equal(1, _inserts);
        Assert.Equal(Enumerable.Range(0, 100), _stored);
    }

    [Fact]
    public async Task StoreAsync_OneRefusedAmongMany_LeavesItAlone()
    {
        await StoreAsync(Enumerable.Range(0, 500), isBad: piece => piece == 123);

        Assert.Equal([123], _alone);
        Assert.Equal(Enumerable.Range(0, 500).Where(piece => piece != 123), _stored);
    }

    [Fact]
    public async Task StoreAsync_OneRefusedAmongMany_TakesTwoInsertsALevel()
    {
        await StoreAsync(Enumerable.Range(0, 512), isBad: piece => piece == 0);

        Assert.Equal(1 + (2 * 9), _inserts);
    }

    [Fact]
    public Task StoreAsync_AnyPiecesRefused_StoresEveryOtherOnceAndInOrder() =>
        Gen.Bool.Array[1, 200].SampleAsync(async bad =>
        {
            var test = new BisectionTests();
            await test.StoreAsync(Enumerable.Range(0, bad.Length), piece => bad[piece]);

            return test._alone.SequenceEqual(Enumerable.Range(0, bad.Length).Where(piece => bad[piece]))
                && test._stored.SequenceEqual(Enumerable.Range(0, bad.Length).Where(piece => !bad[piece]));
        });

    [Fact]
    public async Task StoreAsync_RefusedTogetherButNotApart_StoresAll()
    {
        var bisection = new Bisection<int>(
            pieces => Task.FromResult(pieces.Length > 4 ? Refused : Store(pieces)),
            (piece, _) => Alone(piece));

        await bisection.StoreAsync(Enumerable.Range(0, 10).ToArray());

        Assert.Equal(Enumerable.Range(0, 10), _stored);
        Assert.Empty(_alone);
    }

    private Task StoreAsync(IEnumerable<int> pieces, Func<int, bool> isBad)
    {
        var bisection = new Bisection<int>(
            some => Task.FromResult(some.ToArray().Any(isBad) ? Count(Refused) : Count(Store(some))),
            (piece, _) => Alone(piece));
        return bisection.StoreAsync(pieces.ToArray());
    }

    private Fault? Count(Fault? outcome)
    {
        _inserts++;
        return outcome;
    }

    private Fault? Store(ReadOnlyMemory<int> pieces)
    {
        _stored.AddRange(pieces.Span);
        return null;
    }

    private Task Alone(int piece)
    {
        _alone.Add(piece);
        return Task.CompletedTask;
    }
}
