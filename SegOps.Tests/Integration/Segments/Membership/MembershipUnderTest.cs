using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using SegOps.Contracts;
using SegOps.Segments.Evaluation;
using SegOps.Segments.Membership;
using SegOps.Segments.Store;
using SegOps.ServiceDefaults.Redis;
using SegOps.Tests.Fixtures;
using SegOps.Warehouse;

namespace SegOps.Tests.Integration.Segments.Membership;

/// <summary>Segments of a test, as all instances see them.</summary>
internal sealed class TestDefinitions : ISegmentDefinitions
{
    private readonly Dictionary<Guid, SegmentDefinition> _all = [];

    public Guid Save(string rule, Guid? id = null, string project = MembershipUnderTest.Project)
    {
        var saved = id ?? Guid.CreateVersion7();
        lock (_all)
            _all[saved] = new(saved, "Segment", rule, (_all.GetValueOrDefault(saved)?.Version ?? 0) + 1, default, default, project, Environments.Live);
        return saved;
    }

    public void Delete(Guid id)
    {
        lock (_all)
            _all.Remove(id);
    }

    public Task<IReadOnlyList<SegmentDefinition>> AllAsync(CancellationToken cancellationToken)
    {
        lock (_all)
            return Task.FromResult<IReadOnlyList<SegmentDefinition>>([.. _all.Values]);
    }
}

/// <summary>The passes of one instance. The test runs its rounds.</summary>
internal sealed class MembershipUnderTest : IAsyncDisposable
{
    public const string Project = "project-1";
    public static readonly Place Place = new(Project, Environments.Live);

    private readonly ServiceProvider _services;
    private bool _isDisposed;

    public MembershipUnderTest(string redis, string clickHouse, TestDefinitions definitions, TimeProvider clock, Action<MembershipOptions>? configure = null)
    {
        var services = new ServiceCollection().AddMetrics().AddLogging().AddSingleton(clock);
        services.Configure<RedisOptions>(options => (options.ConnectionString, options.CommandTimeout) = (redis, TimeSpan.FromSeconds(30)));
        services.Configure<WarehouseOptions>(options => options.ConnectionString = clickHouse);
        services.AddSingleton<Microsoft.Extensions.Configuration.IConfiguration>(new Microsoft.Extensions.Configuration.ConfigurationBuilder().Build());
        services.AddEvaluation().AddMembership();
        services.Configure<MembershipOptions>(options =>
        {
            (options.PassDeadline, options.Lease, options.RemoveAfter) = (TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.Zero);
            configure?.Invoke(options);
        });
        services.AddSingleton<RedisConnection>().AddSingleton<WarehouseHttpClient>().AddSingleton<WarehouseReader>();
        services.AddSingleton<ISegmentDefinitions>(definitions);
        _services = services.BuildServiceProvider();
    }

    public MembershipWorker Worker => _services.GetRequiredService<MembershipWorker>();

    public PassSteps Steps => _services.GetRequiredService<PassSteps>();

    public MemberReader Members => _services.GetRequiredService<MemberReader>();

    public ChangeReader Changes => _services.GetRequiredService<ChangeReader>();

    public MembershipStatus Status => _services.GetRequiredService<MembershipStatus>();

    public MembershipTelemetry Telemetry => _services.GetRequiredService<MembershipTelemetry>();

    public IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public Task<bool> RoundAsync() => Worker.RoundAsync(Stop);

    /// <summary>Runs rounds until everything stored is in the members.</summary>
    public async Task SettleAsync()
    {
        // What was stored before is found by the first round, and what that one begins ends in later ones.
        await RoundAsync();
        await Eventually.IsAsync(true, async () =>
        {
            await RoundAsync();
            Assert.Null(Worker.Failure);
            return Worker.IsIdle;
        });
    }

    /// <summary>The ids of the members, by pages of <paramref name="limit"/>.</summary>
    public async Task<string[]> MembersAsync(Guid segment, int limit = 100)
    {
        List<string> members = [];
        Cursor? cursor = null;
        do
        {
            var page = await Members.PageAsync(Place, segment, cursor, limit, Stop);
            members.AddRange(page.Members.Select(member => member.UserId));
            cursor = page.Next;
        }
        while (cursor is not null);
        return [.. members];
    }

    /// <summary>A cursor behind everything so far.</summary>
    public async Task<Cursor> NowAsync(Guid segment) => (await Changes.AfterAsync(Place, segment, null, 1, Stop)).Next;

    /// <summary>All changes after a cursor, such as <c>+user-1 data</c>, read two at a time as clients do.</summary>
    public async Task<string[]> ChangesAsync(Guid segment, Cursor cursor)
    {
        List<string> changes = [];
        while (true)
        {
            var answer = await Changes.AfterAsync(Place, segment, Cursor.Parse($"{cursor}"), 2, Stop);
            if (answer.Changes.Count == 0)
                return [.. changes];
            changes.AddRange(answer.Changes.Select(change => string.Create(CultureInfo.InvariantCulture, $"{(change.Entered ? '+' : '-')}{change.UserId} {change.Reason}")));
            cursor = answer.Next;
        }
    }

    public async Task<SegmentStatus?> StatusAsync(Guid segment) => (await Status.ReadAsync(Place, Stop)).GetValueOrDefault(segment);

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        await Worker.StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
    }
}
