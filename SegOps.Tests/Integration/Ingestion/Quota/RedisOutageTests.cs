using System.Net;
using Microsoft.Extensions.DependencyInjection;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using static SegOps.Tests.Integration.Ingestion.IngestionUnderTest;

namespace SegOps.Tests.Integration.Ingestion.Quota;

public sealed class RedisOutageTests(PubSubEmulatorFixture emulator)
{
    private readonly string _project = Unique.Name("project_");

    [Fact]
    public async Task TrackBatch_RedisAway_IsAcceptedAndCountedWhenItIsBack()
    {
        await using var redis = await OwnRedis.StartAsync();
        await using var usage = await Usage.ConnectAsync(redis.ConnectionString);
        await using var ingestion = await StartIngestionAsync(redis);
        await redis.StopAsync();

        await AssertAcceptedAsync(await QuotaTests.SendAsync(ingestion, _project, 3, limit: 5));
        await redis.StartAgainAsync();

        await usage.WaitForAsync(_project, 3);
    }

    [Fact]
    public async Task TrackBatch_RedisAwayAndLastFigureAtTheLimit_IsRefused()
    {
        await using var redis = await OwnRedis.StartAsync();
        await using var ingestion = await StartIngestionAsync(redis, "--Redis:Deadline=00:01:00", "--Redis:CommandTimeout=00:01:00");
        await AssertAcceptedAsync(await QuotaTests.SendAsync(ingestion, _project, 4, limit: 5));
        await redis.StopAsync();

        var answer = await QuotaTests.SendAsync(ingestion, _project, 2, limit: 5);

        var problem = await AssertProblemAsync(HttpStatusCode.TooManyRequests, ErrorCodes.QuotaExceeded, answer);
        Assert.Equal(1, problem.GetProperty("remaining").GetInt64());
    }

    [Fact]
    public async Task TrackBatch_RedisHangs_IsAcceptedAndCountedOnceWhenItGoesOn()
    {
        await using var redis = await OwnRedis.StartAsync();
        await using var usage = await Usage.ConnectAsync(redis.ConnectionString);
        await using (var ingestion = await StartIngestionAsync(redis, "--Redis:CommandTimeout=00:00:30"))
        {
            using (redis.Hang())
            {
                await AssertAcceptedAsync(await QuotaTests.SendAsync(ingestion, _project, 2, limit: 5));
                await AssertAcceptedAsync(await QuotaTests.SendAsync(ingestion, _project, 3, limit: 5));
            }
            await usage.WaitForAsync(_project, 5);
        }

        Assert.Equal(5, await usage.ReadAsync(_project)); // nothing more came at shutdown
    }

    [Fact]
    public async Task TrackBatch_RedisEmptied_IsAcceptedAndCountedAnew()
    {
        await using var redis = await OwnRedis.StartAsync();
        await using var usage = await Usage.ConnectAsync(redis.ConnectionString);
        await using var ingestion = await StartIngestionAsync(redis, "--Redis:Deadline=00:01:00", "--Redis:CommandTimeout=00:01:00");
        await AssertAcceptedAsync(await QuotaTests.SendAsync(ingestion, _project, 4, limit: 5));
        await redis.ExecuteAsync("FLUSHALL");

        await AssertAcceptedAsync(await QuotaTests.SendAsync(ingestion, _project, 3, limit: 5));

        Assert.Equal(3, await usage.ReadAsync(_project));
    }

    [Fact]
    public async Task TrackBatch_RedisForgotItsScripts_IsCounted()
    {
        await using var redis = await OwnRedis.StartAsync();
        await using var ingestion = await StartIngestionAsync(redis, "--Redis:Deadline=00:01:00", "--Redis:CommandTimeout=00:01:00");
        await AssertAcceptedAsync(await QuotaTests.SendAsync(ingestion, _project, 2, limit: 5));
        await redis.ExecuteAsync("SCRIPT", "FLUSH");
        await redis.ExecuteAsync("HINCRBY", RedisKeys.Usage(_project), $"{DateTime.UtcNow:yyyy-MM}", "3"); // by another instance, so that only Redis knows

        var answer = await QuotaTests.SendAsync(ingestion, _project, 1, limit: 5);

        await AssertProblemAsync(HttpStatusCode.TooManyRequests, ErrorCodes.QuotaExceeded, answer);
    }

    [Fact]
    public async Task TrackBatch_RedisHangs_WaitsNoLongerThanTheGatewayLeftIt()
    {
        var clock = new WatchedClock();
        await using var redis = await OwnRedis.StartAsync();
        await using var ingestion = await StartWatchedAsync(redis, clock);
        using var hanging = redis.Hang();

        var answer = QuotaTests.SendAsync(ingestion, _project, 2, limit: 5, budgetMilliseconds: 10);
        await clock.SomebodyWaitsAsync(TimeSpan.FromMilliseconds(10));
        clock.Advance(TimeSpan.FromMilliseconds(10));

        await AssertAcceptedAsync(await answer.Patiently());
    }

    [Fact]
    public async Task TrackBatch_RedisHangsAndTheGatewayLeftNothing_DoesNotWaitAtAll()
    {
        await using var redis = await OwnRedis.StartAsync();
        await using var ingestion = await StartWatchedAsync(redis, new WatchedClock());
        using var hanging = redis.Hang();

        var answer = QuotaTests.SendAsync(ingestion, _project, 2, limit: 5, budgetMilliseconds: 0);

        await AssertAcceptedAsync(await answer.Patiently()); // the clock stands still
    }

    [Fact]
    public async Task Health_RedisAway_IsDegraded()
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        using var answer = await ingestion.Client.GetAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("Redis does not answer: events are accepted", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    /// <summary>
    /// With the clock of the test; Redis itself is given longer than the patience of those who wait for an answer. A first event has opened all
    /// connections: an attempt to open one that failed would be repeated by a clock that stands still.
    /// </summary>
    private async Task<IngestionUnderTest> StartWatchedAsync(OwnRedis redis, WatchedClock clock)
    {
        var ingestion = await StartWithAsync(
            await emulator.NewProjectAsync(), builder => builder.Services.AddSingleton<TimeProvider>(clock),
            $"--ConnectionStrings:redis={redis.ConnectionString}", "--Redis:CommandTimeout=00:00:50", "--PubSub:Publisher:MaxBatchDelay=00:00:00");
        await AssertAcceptedAsync(await QuotaTests.SendAsync(ingestion, Unique.Name("project_"), 1, limit: 5));
        clock.Forget();
        return ingestion;
    }

    private async Task<IngestionUnderTest> StartIngestionAsync(OwnRedis redis, params string[] settings) =>
        await StartAsync(await emulator.NewProjectAsync(), [$"--ConnectionStrings:redis={redis.ConnectionString}", .. settings]);
}
