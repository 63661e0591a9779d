using Microsoft.Extensions.Time.Testing;
using SegOps.Contracts;
using SegOps.Segments.Membership;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Segments.Membership;

/// <summary>Starts instances over one ClickHouse database and one Redis of the test's own. Their clock stands still.</summary>
public abstract class MembershipTestBase(ClickHouseFixture clickHouse) : IAsyncLifetime
{
    protected const string Starter = """{"type":"user_property","property":"plan","operator":"equals","value":"starter"}""";
    protected const string Pro = """{"type":"user_property","property":"plan","operator":"equals","value":"pro"}""";
    protected const string OrderedToday = """{"type":"event","event_type":"order_placed","within":"P1D"}""";

    private readonly List<MembershipUnderTest> _instances = [];

    private protected FakeTimeProvider Clock { get; } = new(TimeProvider.System.GetUtcNow());

    private protected TestDefinitions Definitions { get; } = new();

    private protected WarehouseTables Tables { get; private set; } = null!;

    private protected OwnRedis Redis { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Tables = await clickHouse.NewTablesAsync();
        Redis = await OwnRedis.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in _instances)
            await instance.DisposeAsync();
        await Redis.DisposeAsync();
        Tables.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected MembershipUnderTest Start(Action<MembershipOptions>? configure = null)
    {
        var instance = new MembershipUnderTest(Redis.ConnectionString, Tables.ConnectionString, Definitions, Clock, configure);
        _instances.Add(instance);
        return instance;
    }

    /// <summary>The lease expires, as of an instance that crashed or was paused.</summary>
    private protected Task ExpireLeaseAsync() => Redis.ExecuteAsync("DEL", RedisKeys.SegmentLease);

    /// <summary>Stores that a user has a plan from now on.</summary>
    private protected Task<Guid> SetPlanAsync(string user, string plan, Guid? eventId = null)
    {
        Clock.Advance(TimeSpan.FromMilliseconds(1));
        return Tables.AddEventAsync(
            MembershipUnderTest.Project, Clock.GetUtcNow(), userId: user, eventType: "context_identified", payload: $$"""{"plan":"{{plan}}"}""", eventId: eventId);
    }
}
