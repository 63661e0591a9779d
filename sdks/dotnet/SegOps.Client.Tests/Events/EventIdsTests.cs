using SegOps.Client.Events;

namespace SegOps.Client.Tests.Events;

public class EventIdsTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    [Fact]
    public void Next_AnyTime_IsVersion7WithTheTime()
    {
        var id = new EventIds().Next(Now);

        Assert.Equal(7, id.Version);
        Assert.InRange(id.Variant, 8, 11);
        Assert.Equal(Now.ToUnixTimeMilliseconds(), Convert.ToInt64(id.ToString("N")[..12], 16));
    }

    [Fact]
    public void Next_SameMillisecond_Ascends()
    {
        var ids = new EventIds();

        var made = Enumerable.Range(0, 100_000).Select(_ => ids.Next(Now).ToString()).ToArray();

        Assert.Equal(made.Order(StringComparer.Ordinal), made);
        Assert.Equal(made.Length, made.Distinct().Count());
    }

    [Fact]
    public void Next_ClockGoesBack_Ascends()
    {
        var ids = new EventIds();

        var before = ids.Next(Now).ToString();
        var after = ids.Next(Now.AddHours(-1)).ToString();

        Assert.True(string.CompareOrdinal(before, after) < 0);
    }

    [Fact]
    public async Task Next_ManyThreads_NeverRepeats()
    {
        var ids = new EventIds();

        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, 10_000).Select(_ => ids.Next(Now)).ToArray())));

        Assert.Equal(80_000, made.SelectMany(part => part).Distinct().Count());
    }
}
