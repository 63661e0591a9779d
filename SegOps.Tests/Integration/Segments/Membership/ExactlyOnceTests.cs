using SegOps.Segments.Membership;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Segments.Membership;

/// <summary>Two instances, and instances that crash or are paused between two steps of a pass: a flip is announced once.</summary>
public sealed class ExactlyOnceTests(ClickHouseFixture clickHouse) : MembershipTestBase(clickHouse)
{
    public static TheoryData<string> Steps => [.. Enum.GetNames<PassStep>()];

    [Fact]
    public async Task Round_TwoInstancesAtOnce_AnnounceOnce()
    {
        var (first, second) = (Start(), Start());
        var segment = Definitions.Save(Starter);
        await first.SettleAsync();
        var before = await first.NowAsync(segment);
        await SetPlanAsync("user-1", "starter");

        for (var round = 0; round < 3; round++)
            await Task.WhenAll(first.RoundAsync(), second.RoundAsync());

        Assert.Equal(["+user-1 data"], await second.ChangesAsync(segment, before));
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Round_LeaderCrashesAfterAStep_NextLeaderAnnouncesOnce(string step)
    {
        var (first, second) = (Start(), Start());
        var segment = Definitions.Save(Starter);
        await SetPlanAsync("user-0", "starter");
        await first.SettleAsync();
        var before = await first.NowAsync(segment);
        await SetPlanAsync("user-0", "pro");
        await SetPlanAsync("user-1", "starter");
        first.Steps.ReachedAsync = (reached, _) => reached == Enum.Parse<PassStep>(step) ? throw new CrashException() : Task.CompletedTask;
        await Assert.ThrowsAsync<CrashException>(first.RoundAsync);
        await ExpireLeaseAsync();

        await second.SettleAsync();

        Assert.Equal(["-user-0 data", "+user-1 data"], await second.ChangesAsync(segment, before));
        Assert.Equal(["user-1"], await second.MembersAsync(segment));
        Assert.Equal(1, (await second.StatusAsync(segment))!.Count);
        Assert.Equal(0, await Tables.CountAsync("system.tables", "database = currentDatabase() AND startsWith(name, 'segment_pass_')"));
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Round_LeaderIsPausedAfterAStepAndLosesTheLease_AnnouncesOnce(string step)
    {
        var (first, second) = (Start(), Start());
        var segment = Definitions.Save(Starter);
        await SetPlanAsync("user-0", "starter");
        await first.SettleAsync();
        var before = await first.NowAsync(segment);
        await SetPlanAsync("user-0", "pro");
        await SetPlanAsync("user-1", "starter");
        first.Steps.ReachedAsync = async (reached, _) =>
        {
            if (reached != Enum.Parse<PassStep>(step))
                return;
            // While it is paused, another instance takes over, finishes, and moves on.
            await ExpireLeaseAsync();
            await second.SettleAsync();
            await SetPlanAsync("user-1", "pro");
            await second.SettleAsync();
        };

        await first.RoundAsync();
        await second.SettleAsync();

        Assert.Equal(["-user-0 data", "+user-1 data", "-user-1 data"], await second.ChangesAsync(segment, before));
        Assert.Empty(await second.MembersAsync(segment));
        Assert.Equal(0, (await second.StatusAsync(segment))!.Count);
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Round_FirstComputationCrashesAfterAStep_NextLeaderHasTheMembers(string step)
    {
        var (first, second) = (Start(), Start());
        var segment = Definitions.Save(Starter);
        await SetPlanAsync("user-1", "starter");
        var before = await first.NowAsync(segment);
        first.Steps.ReachedAsync = (reached, _) => reached == Enum.Parse<PassStep>(step) ? throw new CrashException() : Task.CompletedTask;
        if (step != nameof(PassStep.Evaluated)) // A whole segment has no such step.
            await Assert.ThrowsAsync<CrashException>(first.SettleAsync);
        await ExpireLeaseAsync();

        await second.SettleAsync();

        Assert.Equal(["user-1"], await second.MembersAsync(segment));
        Assert.Empty(await second.ChangesAsync(segment, before));
    }

    [Fact]
    public async Task Round_RedisForgetsEverything_AnnouncesNothingTwice()
    {
        var instance = Start();
        var segment = Definitions.Save(Starter);
        await SetPlanAsync("user-1", "starter");
        await instance.SettleAsync();
        await SetPlanAsync("user-2", "starter");
        await instance.SettleAsync();
        var before = await instance.NowAsync(segment);
        await Redis.ExecuteAsync("FLUSHALL");
        await SetPlanAsync("user-3", "starter");

        var next = Start();
        await next.SettleAsync();

        Assert.Equal(["+user-3 data"], await next.ChangesAsync(segment, before));
        Assert.Equal(["user-1", "user-2", "user-3"], await next.MembersAsync(segment));
    }

    [Fact]
    public async Task Replay_ManyChangesWithCrashes_EqualsTheMembers()
    {
        var random = new Random(17);
        var segment = Definitions.Save(Starter);
        var instance = Start();
        await instance.SettleAsync();
        var before = await instance.NowAsync(segment);
        for (var turn = 0; turn < 12; turn++)
        {
            for (var change = 0; change < 3; change++)
                await SetPlanAsync($"user-{random.Next(5)}", random.Next(2) == 0 ? "starter" : "pro");
            var crashAt = (PassStep)random.Next(Enum.GetValues<PassStep>().Length);
            instance.Steps.ReachedAsync = (reached, _) => reached == crashAt ? throw new CrashException() : Task.CompletedTask;
            try
            {
                await instance.RoundAsync();
            }
            catch (CrashException)
            {
                await ExpireLeaseAsync();
                instance = Start();
            }
        }
        instance.Steps.ReachedAsync = static (_, _) => Task.CompletedTask;
        await instance.SettleAsync();

        var members = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var change in await instance.ChangesAsync(segment, before))
        {
            var user = change[1..].Split(' ')[0];
            Assert.True(change[0] == '+' ? members.Add(user) : members.Remove(user), change);
        }
        Assert.Equal(members, await instance.MembersAsync(segment));
    }

    [Fact]
    public async Task Stop_Leader_ReleasesTheLease()
    {
        var (first, second) = (Start(), Start());
        var segment = Definitions.Save(Starter);
        await first.SettleAsync();
        await SetPlanAsync("user-1", "starter");
        await first.DisposeAsync();

        await second.SettleAsync();

        Assert.Equal(["user-1"], await second.MembersAsync(segment));
    }

    private sealed class CrashException : Exception;
}
