using SegOps.InternalApi;
using SegOps.Segments.Membership;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Segments.Membership;

/// <summary>Pages of members, streams, changes and cursors.</summary>
public sealed class ReaderTests(ClickHouseFixture clickHouse) : MembershipTestBase(clickHouse)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Page_UsersEnterAndLeaveBetweenPages_PagesAgree()
    {
        var (instance, segment) = await StartWithAsync("a", "c", "e", "g");
        var first = await instance.Members.PageAsync(MembershipUnderTest.Place, segment, null, 2, Stop);
        await SetPlanAsync("b", "starter");
        await SetPlanAsync("f", "starter");
        await SetPlanAsync("g", "pro");
        await instance.SettleAsync();
        await SetPlanAsync("e", "pro");
        await instance.SettleAsync();
        await SetPlanAsync("e", "starter");
        await instance.SettleAsync();

        var second = await instance.Members.PageAsync(MembershipUnderTest.Place, segment, Cursor.Parse($"{first.Next}"), 2, Stop);

        Assert.Equal(["a", "c", "e", "g"], first.Members.Concat(second.Members).Select(member => member.UserId));
        Assert.Equal(first.Members[0].Since, second.Members[0].Since); // The time of the first computation, before the user left.
        Assert.Null(second.Next);
        Assert.Equal((4, first.AsOf), (second.Count, second.AsOf));
        Assert.Equal(["a", "b", "c", "e", "f"], await instance.MembersAsync(segment, limit: 1));
    }

    [Fact]
    public async Task Page_PassIsNotClosed_DoesNotShowIt()
    {
        var (instance, segment) = await StartWithAsync("a", "b");
        await SetPlanAsync("a", "pro");
        await SetPlanAsync("c", "starter");
        string[]? seen = null;
        var cursor = await instance.NowAsync(segment);
        string[]? changes = null;
        instance.Steps.ReachedAsync = async (step, _) =>
        {
            if (step == PassStep.Counted)
                (seen, changes) = (await instance.MembersAsync(segment), await instance.ChangesAsync(segment, cursor));
        };

        await instance.SettleAsync();

        Assert.Equal(["a", "b"], seen!);
        Assert.Empty(changes!);
        Assert.Equal(["b", "c"], await instance.MembersAsync(segment));
    }

    [Fact]
    public async Task Page_ManyMembers_ListsEachOnce()
    {
        var users = Enumerable.Range(0, 25).Select(user => $"user-{user:D2}").ToArray();
        var (instance, segment) = await StartWithAsync(users);

        Assert.Equal(users, await instance.MembersAsync(segment, limit: 7));
    }

    [Fact]
    public async Task Since_UserEntersAndLeaves_SaysSinceWhen()
    {
        var (instance, segment) = await StartWithAsync("a");
        Clock.Advance(TimeSpan.FromMinutes(1));
        await SetPlanAsync("b", "starter");
        await SetPlanAsync("a", "pro");
        await instance.SettleAsync();

        Assert.Equal(
            (null, true),
            (await instance.Members.SinceAsync(MembershipUnderTest.Place, segment, "a", Stop),
                await instance.Members.SinceAsync(MembershipUnderTest.Place, segment, "b", Stop) > Clock.GetUtcNow().AddSeconds(-30)));
    }

    [Fact]
    public async Task After_CursorIsOlderThanChangesAreKept_Expired()
    {
        var (instance, segment) = await StartWithAsync("a");
        var cursor = await instance.NowAsync(segment);
        Clock.Advance(TimeSpan.FromDays(91));

        await Assert.ThrowsAsync<CursorExpiredException>(() => instance.ChangesAsync(segment, cursor));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("MTI6MQ")]
    [InlineData("/w==")]
    public void Parse_NoCursorOfTheService_IsRefused(string cursor) => Assert.Throws<InvalidParameterException>(() => Cursor.Parse(cursor));

    [Fact]
    public void Parse_CursorOfAnyUserId_IsTheSame()
    {
        var cursor = new Cursor(17, 1_800_000_000_000_000, 3, "a:=b \u00fc");

        Assert.Equal(cursor, Cursor.Parse($"{cursor}"));
    }

    [Fact]
    public async Task Read_UsersIdWithQuotes_IsFound()
    {
        const string User = "o'br\\ien\") --";
        var instance = Start();
        var segment = Definitions.Save(Starter);
        await instance.SettleAsync();
        await Tables.AddEventAsync(MembershipUnderTest.Project, Clock.GetUtcNow(), userId: User, eventType: "context_identified", payload: """{"plan":"starter"}""");
        await instance.SettleAsync();

        Assert.Equal([User], await instance.MembersAsync(segment));
        Assert.NotNull(await instance.Members.SinceAsync(MembershipUnderTest.Place, segment, User, Stop));
    }

    private async Task<(MembershipUnderTest Instance, Guid Segment)> StartWithAsync(params string[] members)
    {
        foreach (var user in members)
            await SetPlanAsync(user, "starter");
        var instance = Start();
        var segment = Definitions.Save(Starter);
        await instance.SettleAsync();
        return (instance, segment);
    }
}
