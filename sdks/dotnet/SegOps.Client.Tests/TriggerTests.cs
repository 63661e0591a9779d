namespace SegOps.Client.Tests;

public class TriggerTests
{
    [Fact]
    public async Task Track_FlushAtEvents_SendsThemTogether()
    {
        await using var bench = new Bench(o => o.FlushAt = 3);

        var ids = bench.Track(3);
        var request = await bench.Server.NextAsync();

        Assert.Equal(ids.Select(id => id.ToString()), request.Ids);
    }

    [Fact]
    public async Task Track_FewEvents_WaitsForTheIntervalOfTheOldest()
    {
        await using var bench = new Bench(o => o.FlushAt = 100);

        bench.Track();
        var (wait, request) = await bench.NextAfterWaitAsync();

        Assert.Equal(TimeSpan.FromSeconds(5), wait);
        Assert.Single(request.Events);
    }

    [Fact]
    public async Task Track_Backlog_IsSentInBatchesOf500InOrder()
    {
        await using var bench = new Bench(o => o.FlushAt = 1200);

        var ids = bench.Track(1200);
        var sent = new List<string>();
        foreach (var expected in new[] { 500, 500, 200 })
        {
            var request = await bench.Server.NextAsync();
            Assert.Equal(expected, request.Events.Count);
            sent.AddRange(request.Ids);
            Assert.False(bench.Server.HasRequest);
            request.Accept();
        }

        Assert.Equal(ids.Select(id => id.ToString()), sent);
    }

    [Fact]
    public async Task Track_LargeEvents_SplitsByBytes()
    {
        await using var bench = new Bench(o => { o.FlushAt = 10; o.MaxBatchBytes = 100_000; });

        for (var i = 0; i < 10; i++)
        {
            bench.Client.Track("user", "a", new { text = new string('x', 30_000) });
        }

        foreach (var expected in new[] { 3, 3, 3, 1 })
        {
            var request = await bench.Server.NextAsync();
            Assert.Equal(expected, request.Events.Count);
            request.Accept();
        }
    }

    [Fact]
    public async Task Track_BytesOfABatch_SendsWithoutTheCount()
    {
        await using var bench = new Bench(o => { o.FlushAt = 1000; o.MaxBatchBytes = 100_000; });

        for (var i = 0; i < 4; i++)
        {
            bench.Client.Track("user", "a", new { text = new string('x', 30_000) });
        }

        Assert.Equal(3, (await bench.Server.NextAsync()).Events.Count);
    }
}
