using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.Segments.Store;
using SegOps.ServiceDefaults.Redis;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Segments.Store;

/// <summary>The definitions in Redis, as several instances read and change them.</summary>
public sealed class SegmentStoreTests(RedisFixture redis)
{
    private readonly string _project = Unique.Name("project_");

    [Fact]
    public async Task Change_ByAnotherInstance_IsReadAtOnce()
    {
        await using var one = await StartAsync();
        await using var other = await StartAsync();
        var segment = Segment("first");

        await one.Store.ChangeAsync(_project, Environments.Live, _ => new(segment.Id, segment));
        Assert.Equal(segment, await other.Store.GetAsync(_project, Environments.Live, segment.Id, Cancel));
        await one.Store.ChangeAsync(_project, Environments.Live, _ => new(segment.Id, segment with { Name = "second", Version = 2 }));

        Assert.Equal("second", (await other.Store.GetAsync(_project, Environments.Live, segment.Id, Cancel))?.Name);
    }

    [Fact]
    public async Task Change_OtherSegmentsChangedMeanwhile_IsDecidedAgain()
    {
        await using var one = await StartAsync();
        await using var other = await StartAsync();
        var (mine, theirs) = (Segment("mine"), Segment("theirs"));
        List<int> seen = [];

        await one.Store.ChangeAsync(_project, Environments.Live, set =>
        {
            seen.Add(set.Segments.Count);
            if (seen.Count == 1)
                other.Store.ChangeAsync(_project, Environments.Live, _ => new(theirs.Id, theirs)).GetAwaiter().GetResult();
            return new(mine.Id, mine);
        });

        Assert.Equal([0, 1], seen);
        Assert.Equal(new HashSet<Guid> { mine.Id, theirs.Id }, [.. (await one.Store.ReadAsync(_project, Environments.Live, Cancel)).Segments.Keys]);
    }

    [Fact]
    public async Task Change_ManyAtTheSameTime_AllHold()
    {
        await using var one = await StartAsync();
        await using var other = await StartAsync();
        var segments = Enumerable.Range(0, 8).Select(number => Segment($"segment {number}")).ToList();

        await Task.WhenAll(segments.Select((segment, index) =>
            (index % 2 == 0 ? one : other).Store.ChangeAsync(_project, Environments.Live, _ => new(segment.Id, segment))));

        Assert.Equal(segments.ToHashSet(), [.. (await one.Store.ReadAsync(_project, Environments.Live, Cancel)).Segments.Values]);
    }

    [Fact]
    public async Task Change_DecisionThrows_ChangesNothing()
    {
        await using var instance = await StartAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => instance.Store.ChangeAsync(_project, Environments.Live, _ => throw new InvalidOperationException()));

        Assert.Empty((await instance.Store.ReadAsync(_project, Environments.Live, Cancel)).Segments);
    }

    [Fact]
    public async Task All_SeveralProjectsAndEnvironments_HoldsTheSegmentsOfEach()
    {
        await using var instance = await StartAsync();
        SegmentDefinition[] segments = [Segment("live"), Segment("test") with { Environment = Environments.Test }, Segment("other") with { Project = Unique.Name("project:") }];
        foreach (var segment in segments)
            await instance.Store.ChangeAsync(segment.Project, segment.Environment, _ => new(segment.Id, segment));
        var removed = Segment("removed");
        await instance.Store.ChangeAsync(_project, Environments.Live, _ => new(removed.Id, removed));
        await instance.Store.ChangeAsync(_project, Environments.Live, _ => new(removed.Id, null));

        var all = await instance.Store.AllAsync(Cancel);

        Assert.Equal(segments.ToHashSet(), [.. all.Where(segment => segment.Project == _project || segment.Project == segments[2].Project)]);
    }

    [Fact]
    public async Task Definition_RedisKilled_IsThereAfterwards()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("SEGOPS_TEST_REDIS") == "garnet", "Garnet answers before it writes to its log.");
        await using var server = await OwnRedis.StartAsync();
        await server.WriteThroughAsync();
        await using var instance = Instance.Connect(server.ConnectionString);
        var segment = Segment("kept");
        await instance.Store.ChangeAsync(_project, Environments.Live, _ => new(segment.Id, segment));

        await server.KillAsync();
        await server.StartAgainAsync();

        await using var after = Instance.Connect(server.ConnectionString);
        Assert.Equal(segment, await after.Store.GetAsync(_project, Environments.Live, segment.Id, Cancel));
    }

    [Fact]
    public async Task Read_RedisEmptied_IsEmpty()
    {
        await using var server = await OwnRedis.StartAsync();
        await using var instance = Instance.Connect(server.ConnectionString);
        var segment = Segment("lost");
        await instance.Store.ChangeAsync(_project, Environments.Live, _ => new(segment.Id, segment));

        await server.ExecuteAsync("FLUSHALL");

        Assert.Null(await instance.Store.GetAsync(_project, Environments.Live, segment.Id, Cancel));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private SegmentDefinition Segment(string name)
    {
        var now = new DateTimeOffset(2031, 5, 20, 12, 0, 0, TimeSpan.Zero);
        return new(Guid.CreateVersion7(), name, SegmentsUnderTest.Starter, 1, now, now, _project, Environments.Live);
    }

    private async Task<Instance> StartAsync() => Instance.Connect(await redis.ConnectionStringAsync());

    /// <summary>A store with connections of its own.</summary>
    private sealed class Instance(RedisConnection connection, DurableRedis durable) : IAsyncDisposable
    {
        public SegmentStore Store { get; } = new(connection, durable);

        public static Instance Connect(string connectionString)
        {
            var options = Options.Create(new RedisOptions
            {
                ConnectionString = connectionString,
                LookupDeadline = TimeSpan.FromSeconds(30),
                CommandTimeout = TimeSpan.FromSeconds(30),
            });
            return new(
                new RedisConnection(options, TimeProvider.System, NullLogger<RedisConnection>.Instance),
                new DurableRedis(options, TimeProvider.System, NullLogger<RedisConnection>.Instance));
        }

        public async ValueTask DisposeAsync()
        {
            await connection.DisposeAsync();
            await durable.DisposeAsync();
        }
    }
}
