namespace SegOps.Client.Tests;

public class HoldTests
{
    [Theory]
    [InlineData(401, "invalid_api_key")]
    [InlineData(403, "key_cannot_read")]
    [InlineData(404, "not_found")]
    [InlineData(405, "method_not_allowed")]
    [InlineData(302, "")]
    public async Task Send_Refused_HoldsAndProbesEachTimeAnotherEvent(int status, string code)
    {
        await using var bench = new Bench(o => o.FlushAt = 4);

        var ids = bench.Track(4);
        (await bench.Server.NextAsync()).Problem(status, code);
        var error = await bench.ErrorAsync();
        var (firstWait, first) = await bench.NextAfterWaitAsync();
        first.Problem(status, code);
        var (secondWait, second) = await bench.NextAfterWaitAsync();
        second.Accept();
        var halves = await bench.Server.NextAsync();

        Assert.Equal((ClientErrorKind.Configuration, status), (error.Kind, error.Status));
        Assert.False(bench.HasError);
        Assert.Equal((TimeSpan.FromMinutes(6), TimeSpan.FromMinutes(6)), (firstWait, secondWait));
        Assert.Equal([ids[0].ToString()], first.Ids);
        Assert.Equal([ids[1].ToString()], second.Ids);
        Assert.Equal([ids[0].ToString(), ids[2].ToString()], halves.Ids);
    }

    [Fact]
    public async Task Send_QuotaUsedUp_SendsWhatFitsThenProbes()
    {
        await using var bench = new Bench(o => o.FlushAt = 20);

        var ids = bench.Track(20);
        (await bench.Server.NextAsync()).Answer(429, """{"code":"quota_exceeded","remaining":7}""", ("Retry-After", "2678400"));
        var fitting = await bench.Server.NextAsync();
        fitting.Accept();
        var (wait, probe) = await bench.NextAfterWaitAsync();
        probe.Answer(429, """{"code":"quota_exceeded","remaining":0}""", ("Retry-After", "2678400"));
        var (_, secondProbe) = await bench.NextAfterWaitAsync();
        secondProbe.Accept();
        var rest = await bench.Server.NextAsync();

        Assert.Equal(ClientErrorKind.Quota, (await bench.ErrorAsync()).Kind);
        Assert.False(bench.HasError);
        Assert.Equal(ids[..7].Select(id => id.ToString()), fitting.Ids);
        Assert.Equal(TimeSpan.FromMinutes(18), wait);
        Assert.Equal([ids[7].ToString()], probe.Ids);
        Assert.Equal(ids[8..].Select(id => id.ToString()), rest.Ids);
    }

    [Fact]
    public async Task Send_HeldTwice_ReportsEachEpisode()
    {
        await using var bench = new Bench();

        for (var episode = 0; episode < 2; episode++)
        {
            bench.Track();
            (await bench.Server.NextAsync()).Problem(401, "revoked_api_key");
            Assert.Equal("revoked_api_key", (await bench.ErrorAsync()).Code);
            (await bench.NextAfterWaitAsync()).Request.Accept();
            await bench.Client.FlushAsync();
        }

        Assert.Equal(2, bench.Client.GetStats().Accepted);
    }

    [Fact]
    public async Task Flush_WhileHeld_SendsNothing()
    {
        await using var bench = new Bench();

        bench.Track();
        (await bench.Server.NextAsync()).Problem(401, "invalid_api_key");
        await bench.WaitAsync();
        var flush = bench.Client.FlushAsync(TimeSpan.FromSeconds(3));
        await bench.Clock.TimerAsync(timer => timer == TimeSpan.FromSeconds(3));
        bench.Clock.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(1, (await flush).Remaining);
        Assert.False(bench.Server.HasRequest);
    }
}
