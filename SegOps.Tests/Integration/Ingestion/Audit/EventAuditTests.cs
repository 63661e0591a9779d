using System.Net;
using Microsoft.Extensions.DependencyInjection;
using SegOps.Contracts;
using SegOps.Ingestion.Audit;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.Ingestion.Quota;
using SegOps.Tests.Integration.PubSub;
using SegOps.Tests.Unit.Ingestion;
using static SegOps.Tests.Integration.Ingestion.IngestionUnderTest;

namespace SegOps.Tests.Integration.Ingestion.Audit;

/// <summary>The counts that Ingestion reports of its answers.</summary>
public sealed class EventAuditTests(RedisFixture redis)
{
    private readonly string _project = Unique.Name("project_");

    [Fact]
    public async Task TrackBatch_Accepted_IsCountedWithWhatWasRefused()
    {
        await using var stream = await FakePubSub.StartAsync();
        await using var ingestion = await StartIngestionAsync(stream, await redis.ConnectionStringAsync());

        await AssertAcceptedAsync(await QuotaTests.SendAsync(ingestion, _project, 3, limit: 5, more: ",{}"));

        await new Received(stream).WaitForAsync(_project, 3, 1);
    }

    [Fact]
    public async Task TrackBatch_OverQuota_IsOneRejection()
    {
        await using var stream = await FakePubSub.StartAsync();
        await using var ingestion = await StartIngestionAsync(stream, await redis.ConnectionStringAsync());

        await AssertProblemAsync(HttpStatusCode.TooManyRequests, ErrorCodes.QuotaExceeded, await QuotaTests.SendAsync(ingestion, _project, 3, limit: 2));

        await new Received(stream).WaitForAsync(_project, 0, 1);
    }

    [Fact]
    public async Task TrackBatch_NotPublished_IsNotCounted()
    {
        await using var stream = await FakePubSub.StartAsync();
        stream.OnPublish = (call, ended) => call == 1 ? Task.Delay(Timeout.Infinite, ended) : Task.CompletedTask;
        await using var ingestion = await StartIngestionAsync(stream, await redis.ConnectionStringAsync(), "--PubSub:Publisher:MessageDeadline=00:00:01");
        await AssertProblemAsync(
            HttpStatusCode.ServiceUnavailable, ErrorCodes.StreamUnavailable, await QuotaTests.SendAsync(ingestion, _project, 3, limit: null));

        await AssertProblemAsync(HttpStatusCode.TooManyRequests, ErrorCodes.QuotaExceeded, await QuotaTests.SendAsync(ingestion, _project, 2, limit: 1));

        await new Received(stream).WaitForAsync(_project, 0, 1); // of the second request alone
    }

    [Fact]
    public async Task TrackBatch_ByTwoInstances_IsCountedOfBoth()
    {
        await using var stream = await FakePubSub.StartAsync();
        await using var one = await StartIngestionAsync(stream, await redis.ConnectionStringAsync());
        await using var other = await StartIngestionAsync(stream, await redis.ConnectionStringAsync());

        await AssertAcceptedAsync(await QuotaTests.SendAsync(one, _project, 2, limit: null));
        await AssertAcceptedAsync(await QuotaTests.SendAsync(other, _project, 3, limit: null));

        await new Received(stream).WaitForAsync(_project, 5, 0);
    }

    [Fact]
    public async Task Report_NotConfirmed_IsPublishedAgainAsItWas()
    {
        await using var stream = await FakePubSub.StartAsync();
        stream.OnPublish = (call, _) => call == 2 ? throw FakePubSub.Fault(Grpc.Core.StatusCode.Unavailable) : Task.CompletedTask;
        await using var ingestion = await StartIngestionAsync(stream, await redis.ConnectionStringAsync());

        await AssertAcceptedAsync(await QuotaTests.SendAsync(ingestion, _project, 3, limit: null)); // the first call
        await Eventually.TrueAsync(() => stream.Publishes.Count >= 3, "the report was published again");

        Assert.Equal((3, 0), new Received(stream).Read(_project));
    }

    [Fact]
    public async Task Report_OfMoreProjectsThanAMessageTakes_IsSplit()
    {
        const int Projects = (2 * EventAuditPublisher.MaxEntries) + 1;
        await using var stream = await FakePubSub.StartAsync();
        await using var ingestion = await StartIngestionAsync(stream, await redis.ConnectionStringAsync());
        var received = new Received(stream);

        var audit = ingestion.Services.GetRequiredService<EventAudit>();
        for (var i = 0; i < Projects; i++)
            audit.Refused(Parse.Metadata with { ProjectId = $"{_project}_{i}" });

        await Eventually.IsAsync(Projects, () => Task.FromResult(received.Entries().Sum()));
        Assert.All(received.Entries(), entries => Assert.InRange(entries, 1, EventAuditPublisher.MaxEntries));
    }

    [Fact]
    public async Task Stop_CountsThatAreNotPublished_ArePublishedFirst()
    {
        await using var stream = await FakePubSub.StartAsync();
        var received = new Received(stream);
        await using (var ingestion = await StartWithAsync(
            stream.ConnectionString,
            builder => builder.Services.AddSingleton<TimeProvider>(new WatchedClock()), // stands still, so that nothing is published by the clock
            $"--ConnectionStrings:redis={await redis.ConnectionStringAsync()}", "--Redis:CommandTimeout=00:00:50", "--PubSub:Publisher:MaxBatchDelay=00:00:00"))
        {
            await AssertAcceptedAsync(await QuotaTests.SendAsync(ingestion, _project, 3, limit: null).Patiently());
            Assert.Equal((0, 0), received.Read(_project));
        }

        Assert.Equal((3, 0), received.Read(_project));
    }

    private static Task<IngestionUnderTest> StartIngestionAsync(FakePubSub stream, string redis, params string[] settings) =>
        StartAsync(stream.ConnectionString, [$"--ConnectionStrings:redis={redis}", "--Redis:CommandTimeout=00:00:30", .. settings]);
}
