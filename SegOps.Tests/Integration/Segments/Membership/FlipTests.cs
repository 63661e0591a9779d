using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Segments.Membership;

/// <summary>Who enters and leaves, why, and when.</summary>
public sealed class FlipTests(ClickHouseFixture clickHouse) : MembershipTestBase(clickHouse)
{
    [Fact]
    public async Task Round_NewSegment_HasItsMembersAndAnnouncesNobody()
    {
        await SetPlanAsync("user-1", "starter");
        await SetPlanAsync("user-2", "pro");
        var instance = Start();
        var segment = Definitions.Save(Starter);
        var before = await instance.NowAsync(segment);

        await instance.SettleAsync();

        Assert.Equal(["user-1"], await instance.MembersAsync(segment));
        Assert.Empty(await instance.ChangesAsync(segment, before));
        Assert.Equal((1, "ready"), (await instance.StatusAsync(segment) is { } status ? ((long)status.Count!, status.State) : default));
    }

    [Fact]
    public async Task Round_UserChanges_AnnouncesEachFlipOnce()
    {
        var (instance, segment) = await StartWithAsync(Starter);
        var before = await instance.NowAsync(segment);

        await SetPlanAsync("user-1", "starter");
        await instance.SettleAsync();
        await SetPlanAsync("user-2", "starter");
        await SetPlanAsync("user-1", "pro");
        await instance.SettleAsync();

        Assert.Equal(["+user-1 data", "-user-1 data", "+user-2 data"], await instance.ChangesAsync(segment, before));
        Assert.Equal(["user-2"], await instance.MembersAsync(segment));
        Assert.Equal(1, (await instance.StatusAsync(segment))!.Count);
    }

    [Fact]
    public async Task Round_EventIsRedelivered_ChangesNothing()
    {
        var (instance, segment) = await StartWithAsync(Starter);
        var id = await SetPlanAsync("user-1", "starter");
        await instance.SettleAsync();
        await SetPlanAsync("user-1", "pro");
        await instance.SettleAsync();
        var before = await instance.NowAsync(segment);

        await SetPlanAsync("user-1", "starter", id);
        await instance.SettleAsync();

        Assert.Empty(await instance.ChangesAsync(segment, before));
        Assert.Empty(await instance.MembersAsync(segment));
    }

    [Fact]
    public async Task Round_RowsBecomeVisibleAfterTheirSecondWasEvaluated_FindsThem()
    {
        var (instance, segment) = await StartWithAsync(Starter);
        await Tables.ExecuteAsync("DETACH TABLE users_from_events");
        await SetPlanAsync("user-1", "starter");
        await AddUserAsync("user-0", "now() - 30");
        await instance.SettleAsync();
        Assert.Empty(await instance.MembersAsync(segment));

        await AddUserAsync("user-1", "(SELECT min(changed_at) FROM users WHERE user_id = 'user-0')");
        await Tables.ExecuteAsync("ATTACH TABLE users_from_events");
        await instance.SettleAsync();

        Assert.Equal(["user-1"], await instance.MembersAsync(segment));
    }

    [Fact]
    public async Task Round_TimePasses_UserLeavesAtThatTime()
    {
        var ordered = Clock.GetUtcNow().AddHours(-23);
        await Tables.AddEventAsync(MembershipUnderTest.Project, ordered, userId: "user-1");
        var (instance, segment) = await StartWithAsync(OrderedToday);
        var before = await instance.NowAsync(segment);
        Assert.Equal(["user-1"], await instance.MembersAsync(segment));

        Clock.SetUtcNow(ordered.AddDays(1).AddTicks(-TimeSpan.TicksPerMillisecond));
        await instance.SettleAsync();
        Assert.Equal(["user-1"], await instance.MembersAsync(segment));

        Clock.SetUtcNow(ordered.AddDays(1).AddMilliseconds(1));
        await instance.SettleAsync();

        Assert.Empty(await instance.MembersAsync(segment));
        Assert.Equal(["-user-1 time"], await instance.ChangesAsync(segment, before));
    }

    [Fact]
    public async Task Round_TimePassesWhileNoInstanceRuns_UserLeavesAfterwards()
    {
        await Tables.AddEventAsync(MembershipUnderTest.Project, Clock.GetUtcNow().AddHours(-23), userId: "user-1");
        var (instance, segment) = await StartWithAsync(OrderedToday);
        await instance.DisposeAsync();
        Clock.Advance(TimeSpan.FromHours(2));

        var next = Start();
        await next.SettleAsync();

        Assert.Empty(await next.MembersAsync(segment));
    }

    [Fact]
    public async Task Round_RuleIsEdited_AnnouncesTheDifferences()
    {
        await SetPlanAsync("user-1", "starter");
        await SetPlanAsync("user-2", "pro");
        var (instance, segment) = await StartWithAsync(Starter);
        var before = await instance.NowAsync(segment);

        Definitions.Save(Pro, segment);
        await instance.SettleAsync();

        Assert.Equal(["-user-1 rule", "+user-2 rule"], await instance.ChangesAsync(segment, before));
        Assert.Equal(["user-2"], await instance.MembersAsync(segment));
    }

    [Fact]
    public async Task Round_ReferencedRuleIsEdited_DependentFollows()
    {
        await SetPlanAsync("user-1", "starter");
        await SetPlanAsync("user-2", "pro");
        var (instance, segment) = await StartWithAsync(Starter);
        var dependent = Definitions.Save($$"""{"type":"segment","segment_id":"{{segment}}"}""");
        await instance.SettleAsync();
        var before = await instance.NowAsync(dependent);

        Definitions.Save(Pro, segment);
        await instance.SettleAsync();

        Assert.Equal(["-user-1 rule", "+user-2 rule"], await instance.ChangesAsync(dependent, before));
    }

    [Fact]
    public async Task Round_UserChangesWhileASegmentIsComputed_IsEvaluatedAgainAfterwards()
    {
        await SetPlanAsync("user-1", "starter");
        var (instance, other) = await StartWithAsync(Pro);
        var segment = Definitions.Save(Starter);
        // The round begins the computation, whose result does not have this change yet, and then evaluates it.
        await SetPlanAsync("user-1", "pro");
        await instance.SettleAsync();

        Assert.Empty(await instance.MembersAsync(segment));
        Assert.Equal(["user-1"], await instance.MembersAsync(other));
    }

    [Fact]
    public async Task Round_MoreUsersThanOnePass_EvaluatesAllInSeveral()
    {
        var instance = Start(options => options.MaxUsers = 3);
        var segment = Definitions.Save(Starter);
        await instance.SettleAsync();
        for (var user = 0; user < 10; user++)
            await SetPlanAsync($"user-{user}", "starter");

        Assert.True(await instance.RoundAsync());
        await instance.SettleAsync();

        Assert.Equal(10, (await instance.MembersAsync(segment)).Length);
    }

    [Fact]
    public async Task Round_SegmentIsDeletedWhileItIsComputed_LeavesNothing()
    {
        await SetPlanAsync("user-1", "starter");
        var instance = Start();
        var segment = Definitions.Save(Starter);
        await instance.RoundAsync();

        Definitions.Delete(segment);
        await instance.SettleAsync();

        Assert.Null(await instance.StatusAsync(segment));
        Assert.Equal(0, await Tables.CountAsync("segment_members", "1"));
    }

    [Fact]
    public async Task Round_SegmentIsDeleted_RemovesItsRowsAndNoOthers()
    {
        await SetPlanAsync("user-1", "starter");
        var (instance, kept) = await StartWithAsync(Starter);
        var deleted = Definitions.Save(Starter);
        await instance.SettleAsync();

        Definitions.Delete(deleted);
        await instance.SettleAsync();

        foreach (var table in (string[])["segment_members", "user_segments", "segment_computed"])
            Assert.Equal((0, 1), (await Tables.CountAsync(table, $"segment_id = '{deleted}'"), await Tables.CountAsync(table, $"segment_id = '{kept}'")));
    }

    [Fact]
    public async Task Round_SegmentOfAnotherProject_DoesNotSeeTheseUsers()
    {
        await SetPlanAsync("user-1", "starter");
        var (instance, _) = await StartWithAsync(Starter);
        var other = Definitions.Save(Starter, project: "project-2");
        await instance.SettleAsync();

        var page = await instance.Members.PageAsync(new("project-2", "live"), other, null, 10, TestContext.Current.CancellationToken);

        Assert.Empty(page.Members);
    }

    private async Task<(MembershipUnderTest Instance, Guid Segment)> StartWithAsync(string rule)
    {
        var instance = Start();
        var segment = Definitions.Save(rule);
        await instance.SettleAsync();
        return (instance, segment);
    }

    private Task AddUserAsync(string user, string changedAt) => Tables.ExecuteAsync(
        $"INSERT INTO users SELECT '{MembershipUnderTest.Project}', 'live', '{user}', now(), now(), {changedAt}");
}
