using CsCheck;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Gateway.Limits;

public sealed class CallScriptTests(RedisFixture redis)
{
    private const long Noon = CallScript.Noon;
    private const long Second = CallScript.Second;

    [Fact]
    public async Task Call_UpToTheLimit_IsLetThroughAndNoFurther()
    {
        await using var script = await CallScript.StartAsync(redis);

        var allowed = await script.CallAsync(3, [Noon, Noon, Noon + 1, Noon + 2]);

        Assert.Equal([true, true, true, false], allowed);
    }

    [Fact]
    public async Task Call_SteadyClientAtTheLimit_IsNeverRefused()
    {
        await using var script = await CallScript.StartAsync(redis);

        var allowed = await script.CallAsync(60, Enumerable.Range(0, 300).Select(i => Noon + i * Second));

        Assert.DoesNotContain(false, allowed);
    }

    [Fact]
    public async Task Call_AfterWaitingAsTold_IsLetThrough()
    {
        await using var script = await CallScript.StartAsync(redis);
        await script.CallAsync(2, [Noon, Noon + 7 * Second]);
        var refused = await script.CallAsync(2, Noon + 10 * Second);

        var after = await script.CallAsync(2, Noon + 10 * Second + refused.Wait);

        Assert.Equal((false, true), (refused.Allowed, after.Allowed));
    }

    [Fact]
    public async Task Call_AMicrosecondBeforeItWasTold_IsRefused()
    {
        await using var script = await CallScript.StartAsync(redis);
        await script.CallAsync(2, [Noon, Noon + 7 * Second]);
        var refused = await script.CallAsync(2, Noon + 10 * Second);

        var after = await script.CallAsync(2, Noon + 10 * Second + refused.Wait - 1);

        Assert.False(after.Allowed);
    }

    [Fact]
    public async Task Call_ManyRefused_DoNotMakeTheWaitLonger()
    {
        await using var script = await CallScript.StartAsync(redis);
        await script.CallAsync(1, [Noon, .. Enumerable.Range(1, 59).Select(i => Noon + i * Second)]);

        var after = await script.CallAsync(1, Noon + 60 * Second);

        Assert.True(after.Allowed);
    }

    [Fact]
    public async Task Call_LimitLowered_WaitsUntilTheLowerLimitHasRoom()
    {
        await using var script = await CallScript.StartAsync(redis);
        await script.CallAsync(10, Enumerable.Range(0, 10).Select(i => Noon + i * Second));

        var refused = await script.CallAsync(3, Noon + 20 * Second);

        // The three newest were at 7, 8 and 9 s: the first of them leaves at 67 s.
        Assert.Equal((false, 47 * Second), (refused.Allowed, refused.Wait));
    }

    [Fact]
    public async Task Call_LimitRaised_IsLetThroughAtOnce()
    {
        await using var script = await CallScript.StartAsync(redis);
        await script.CallAsync(2, [Noon, Noon, Noon]);

        Assert.Equal((true, 2), await LeftAsync(script, 5, Noon));
    }

    [Fact]
    public async Task Call_ClockSteppedBackALittle_StillCountsWhatWasLetThrough()
    {
        await using var script = await CallScript.StartAsync(redis);
        await script.CallAsync(2, [Noon, Noon + Second]);

        var refused = await script.CallAsync(2, Noon - 5 * Second);

        Assert.False(refused.Allowed);
        Assert.InRange(refused.Wait, 0, 60 * Second);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(59)]
    [InlineData(3600)]
    public async Task Call_ClockSteppedBack_IsLetThroughAfterOneWindowAndNoSooner(int seconds)
    {
        await using var script = await CallScript.StartAsync(redis);
        await script.CallAsync(2, [Noon - 5000 * Second, Noon - Second, Noon]);
        var now = Noon - seconds * Second;

        var refused = await script.CallAsync(2, now);
        var before = await script.CallAsync(2, now + refused.Wait - 1);
        var after = await script.CallAsync(2, now + refused.Wait);

        Assert.Equal((false, false, true), (refused.Allowed, before.Allowed, after.Allowed));
        Assert.InRange(refused.Wait, 1, 60 * Second);
    }

    [Fact]
    public async Task Call_OldCalls_AreDroppedAtOnceHoweverMany()
    {
        await using var script = await CallScript.StartAsync(redis);
        await script.CallAsync(1000, Enumerable.Range(0, 700).Select(i => Noon + i * Second / 100));

        await script.CallAsync(1000, Noon + 66 * Second);

        Assert.Equal(100 - 1 + 1, await script.LengthAsync()); // those of 6.01 s to 6.99 s, and this one
    }

    [Fact]
    public async Task Call_LetThrough_LeavesNothingAfterAMinute()
    {
        await using var script = await CallScript.StartAsync(redis);

        await script.CallAsync(1, Noon);

        Assert.InRange((await script.TimeToLiveAsync())!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
    }

    [Fact]
    public Task Call_AnySequenceOfTimes_IsDecidedAsByTheDefinition() => Gen.Select(
        Gen.Int[1, 8], Gen.Long[0, 20 * Second].Array[1, 60]).SampleAsync(
            async (limit, pauses) =>
            {
                await using var script = await CallScript.StartAsync(redis);
                var let = new List<long>();
                var now = Noon;
                foreach (var pause in pauses)
                {
                    now += pause;
                    var expected = let.Count(time => time > now - 60 * Second) < limit;
                    if (expected)
                        let.Add(now);
                    Assert.Equal(expected, (await script.CallAsync(limit, now)).Allowed);
                }
            },
            iter: 30,
            threads: 1);

    [Fact]
    public async Task Call_TwoWindows_IsRefusedByTheAddressWhichLeavesTheCeilingToOthers()
    {
        await using var script = await CallScript.StartAsync(redis);
        await script.CallFromAsync("a", limit: 1, ceiling: 2);

        var refused = await script.CallFromAsync("a", limit: 1, ceiling: 2);
        var other = await script.CallFromAsync("b", limit: 1, ceiling: 2);

        Assert.Equal((false, 0, 2), refused);
        Assert.Equal((true, 0, 2), other);
    }

    [Fact]
    public async Task Call_CeilingReached_IsRefusedByItAndLeavesNoTraceOfTheAddress()
    {
        await using var script = await CallScript.StartAsync(redis);
        await script.CallFromAsync("a", limit: 5, ceiling: 1);

        var refused = await script.CallFromAsync("b", limit: 5, ceiling: 1);

        Assert.Equal((false, 0, 1), refused);
        Assert.False(await script.HoldsAsync("b"));
    }

    [Fact]
    public async Task Call_NotCounted_SaysWhatIsLeftAndTakesNothing()
    {
        await using var script = await CallScript.StartAsync(redis);

        var first = await script.CallFromAsync("a", limit: 3, ceiling: 5, counted: false);
        var second = await script.CallFromAsync("a", limit: 3, ceiling: 5, counted: false);

        Assert.Equal((true, 3, 2), first);
        Assert.Equal(first, second);
        Assert.False(await script.HoldsAsync("a"));
    }

    private static async Task<(bool Allowed, long Left)> LeftAsync(CallScript script, int limit, long now)
    {
        var (allowed, left, _) = await script.CallAsync(limit, now);
        return (allowed, left);
    }
}
