using System.Net;
using Microsoft.Extensions.DependencyInjection;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.Ingestion.Quota;
using SegOps.Tests.Integration.PubSub;
using static SegOps.Tests.Integration.Ingestion.IngestionUnderTest;

namespace SegOps.Tests.Integration.Ingestion.Audit;

/// <summary>What the ledger is told of every answer.</summary>
public sealed class EventAuditTests(RedisFixture redis)
{
    private readonly string _project = Unique.Name("project_");

    [Fact]
    public async Task TrackBatch_Accepted_IsCountedWithWhatWasRefused()
    {
        await using var received = await Received.ConnectAsync(await redis.ConnectionStringAsync());
        await using var stream = await FakePubSub.StartAsync();
        await using var ingestion = await StartIngestionAsync(stream, await redis.ConnectionStringAsync());

        await AssertAcceptedAsync(await QuotaTests.SendAsync(ingestion, _project, 3, limit: 5, more: ",{}"));

        await received.WaitForAsync(_project, 3, 1);
    }

    [Fact]
    public async Task TrackBatch_OverQuota_IsOneRejection()
    {
        await using var received = await Received.ConnectAsync(await redis.ConnectionStringAsync());
        await using var stream = await FakePubSub.StartAsync();
        await using var ingestion = await StartIngestionAsync(stream, await redis.ConnectionStringAsync());

        await AssertProblemAsync(HttpStatusCode.TooManyRequests, ErrorCodes.QuotaExceeded, await QuotaTests.SendAsync(ingestion, _project, 3, limit: 2));

        await received.WaitForAsync(_project, 0, 1);
    }

    [Fact]
    public async Task TrackBatch_NotPublished_IsNotCounted()
    {
        await using var received = await Received.ConnectAsync(await redis.ConnectionStringAsync());
        await using var stream = await FakePubSub.StartAsync();
        stream.OnPublish = (call, ended) => call == 1 ? Task.Delay(Timeout.Infinite, ended) : Task.CompletedTask;
        await using var ingestion = await StartIngestionAsync(stream, await redis.ConnectionStringAsync(), "--PubSub:Publisher:MessageDeadline=00:00:01");
        await AssertProblemAsync(
            HttpStatusCode.ServiceUnavailable, ErrorCodes.StreamUnavailable, await QuotaTests.SendAsync(ingestion, _project, 3, limit: null));

        await AssertProblemAsync(HttpStatusCode.TooManyRequests, ErrorCodes.QuotaExceeded, await QuotaTests.SendAsync(ingestion, _project, 2, limit: 1));

        await received.WaitForAsync(_project, 0, 1); // of the second request alone
    }

    [Fact]
    public async Task TrackBatch_ByTwoInstances_IsCountedOfBoth()
    {
        await using var received = await Received.ConnectAsync(await redis.ConnectionStringAsync());
        await using var stream = await FakePubSub.StartAsync();
        await using var one = await StartIngestionAsync(stream, await redis.ConnectionStringAsync());
        await using var other = await StartIngestionAsync(stream, await redis.ConnectionStringAsync());

        await AssertAcceptedAsync(await QuotaTests.SendAsync(one, _project, 2, limit: null));
        await AssertAcceptedAsync(await QuotaTests.SendAsync(other, _project, 3, limit: null));

        await received.WaitForAsync(_project, 5, 0);
    }

    [Fact]
    public async Task TrackBatch_RedisAway_IsWrittenWhenItIsBack()
    {
        await using var own = await OwnRedis.StartAsync();
        await using var received = await Received.ConnectAsync(own.ConnectionString);
        await using var stream = await FakePubSub.StartAsync();
        await using var ingestion = await StartIngestionAsync(stream, own.ConnectionString);
        await own.StopAsync();

        await AssertAcceptedAsync(await QuotaTests.SendAsync(ingestion, _project, 3, limit: null));
        await own.StartAgainAsync();

        await received.WaitForAsync(_project, 3, 0);
    }

    [Fact]
    public async Task Stop_CountsThatAreNotWritten_AreWrittenFirst()
    {
        await using var received = await Received.ConnectAsync(await redis.ConnectionStringAsync());
        await using var stream = await FakePubSub.StartAsync();
        await using (var ingestion = await StartWithAsync(
            stream.ConnectionString,
            builder => builder.Services.AddSingleton<TimeProvider>(new WatchedClock()), // stands still, so that nothing is written by the clock
            $"--ConnectionStrings:redis={await redis.ConnectionStringAsync()}", "--Redis:CommandTimeout=00:00:50", "--PubSub:Publisher:MaxBatchDelay=00:00:00"))
        {
            await AssertAcceptedAsync(await QuotaTests.SendAsync(ingestion, _project, 3, limit: null).Patiently());
            Assert.Equal((0, 0), await received.ReadAsync(_project));
        }

        Assert.Equal((3, 0), await received.ReadAsync(_project));
    }

    private static Task<IngestionUnderTest> StartIngestionAsync(FakePubSub stream, string redis, params string[] settings) =>
        StartAsync(stream.ConnectionString, [$"--ConnectionStrings:redis={redis}", "--Redis:CommandTimeout=00:00:30", .. settings]);
}
