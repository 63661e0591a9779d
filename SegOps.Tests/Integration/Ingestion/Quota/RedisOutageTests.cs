using System.Diagnostics;
using System.Net;
using SegOps.Contracts;
using SegOps.Standalone.Parts;
using SegOps.Tests.Fixtures;
using static SegOps.Tests.Integration.Ingestion.IngestionUnderTest;

namespace SegOps.Tests.Integration.Ingestion.Quota;

public sealed class RedisOutageTests(PubSubEmulatorFixture emulator)
{
    private readonly string _project = Unique.Name("project_");

    [Fact]
    public async Task TrackBatch_RedisAway_IsAcceptedAndCountedWhenItIsBack()
    {
        using var data = new TemporaryFolder();
        await using var redis = await StartRedisAsync(data);
        await using var usage = await Usage.ConnectAsync(redis.ConnectionString);
        await using var ingestion = await StartIngestionAsync(redis);
        await redis.Server.StopAsync();

        await AssertAcceptedAsync(await QuotaTests.SendAsync(ingestion, _project, 3, limit: 5));
        await redis.Server.StartAsync(TestContext.Current.CancellationToken);

        await usage.WaitForAsync(_project, 3);
    }

    [Fact]
    public async Task TrackBatch_RedisAwayAndLastFigureAtTheLimit_IsRefused()
    {
        using var data = new TemporaryFolder();
        await using var redis = await StartRedisAsync(data);
        await using var ingestion = await StartIngestionAsync(redis, "--Redis:Deadline=00:01:00", "--Redis:CommandTimeout=00:01:00");
        await AssertAcceptedAsync(await QuotaTests.SendAsync(ingestion, _project, 4, limit: 5));
        await redis.Server.StopAsync();

        var answer = await QuotaTests.SendAsync(ingestion, _project, 2, limit: 5);

        var problem = await AssertProblemAsync(HttpStatusCode.TooManyRequests, ErrorCodes.QuotaExceeded, answer);
        Assert.Equal(1, problem.GetProperty("remaining").GetInt64());
    }

    [Fact]
    public async Task TrackBatch_RedisHangs_IsAcceptedAndCountedOnceWhenItGoesOn()
    {
        using var data = new TemporaryFolder();
        await using var redis = await StartRedisAsync(data);
        await using var usage = await Usage.ConnectAsync(redis.ConnectionString);
        await using (var ingestion = await StartIngestionAsync(redis, "--Redis:CommandTimeout=00:00:30"))
        {
            Signal(redis, "STOP");
            try
            {
                await AssertAcceptedAsync(await QuotaTests.SendAsync(ingestion, _project, 2, limit: 5));
                await AssertAcceptedAsync(await QuotaTests.SendAsync(ingestion, _project, 3, limit: 5));
            }
            finally
            {
                Signal(redis, "CONT");
            }
            await usage.WaitForAsync(_project, 5);
        }

        Assert.Equal(5, await usage.ReadAsync(_project)); // nothing more came at shutdown
    }

    [Fact]
    public async Task Health_RedisAway_IsDegraded()
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        using var answer = await ingestion.Client.GetAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("Redis does not answer: events are accepted", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static Task<RedisServer> StartRedisAsync(TemporaryFolder data) => RedisServer.StartAsync(
        data.Path, Environment.GetEnvironmentVariable("SEGOPS_TEST_REDIS") == "garnet" ? RedisKind.Garnet : RedisKind.Any,
        cancellationToken: TestContext.Current.CancellationToken);

    private async Task<IngestionUnderTest> StartIngestionAsync(RedisServer redis, params string[] settings) =>
        await StartAsync(await emulator.NewProjectAsync(), [$"--ConnectionStrings:redis={redis.ConnectionString}", .. settings]);

    private static void Signal(RedisServer redis, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{redis.Server.Child.Id}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }
}
