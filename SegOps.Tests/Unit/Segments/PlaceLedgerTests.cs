using SegOps.Segments.Membership;

namespace SegOps.Tests.Unit.Segments;

public sealed class PlaceLedgerTests
{
    private static readonly ChangedSecond[] Seconds = [new(ChangeSource.Data, 100), new(ChangeSource.Time, 100), new(ChangeSource.Data, 101)];
    private readonly PlaceLedger _ledger = new(new("project", "live"));

    [Fact]
    public void IsBehind_EvaluatedSecondsForgotten_IsFalse()
    {
        _ledger.Found(Seconds.ToDictionary(second => second, _ => 1L));
        _ledger.Next(maxUsers: 10);
        _ledger.Done();

        _ledger.Forget(101, DateTimeOffset.FromUnixTimeSeconds(101));

        Assert.False(_ledger.IsBehind);
    }

    [Fact]
    public void IsBehind_KeptSecondWithMoreRows_IsTrue()
    {
        _ledger.Found(Seconds.ToDictionary(second => second, _ => 1L));
        _ledger.Next(maxUsers: 10);
        _ledger.Done();
        _ledger.Forget(101, DateTimeOffset.FromUnixTimeSeconds(101));

        _ledger.Found(new Dictionary<ChangedSecond, long> { [Seconds[^1]] = 2 });

        Assert.True(_ledger.IsBehind);
    }
}
