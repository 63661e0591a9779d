using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using SegOps.Bench.Processes;
using SegOps.Contracts;
using SegOps.Ingestion.Telemetry;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.PubSub;
using static SegOps.Tests.Integration.Ingestion.IngestionUnderTest;

namespace SegOps.Tests.Integration.Ingestion.Quota;

/// <summary>What a month's figure keeps of requests that end between reserving and publishing.</summary>
public sealed class LeakTests(RedisFixture shared)
{
    private readonly string _project = Unique.Name("project_");

    [Fact]
    public async Task TrackBatch_ProcessKilledBeforeItPublished_LeaksThatRequestAlone()
    {
        await using var usage = await Usage.ConnectAsync(await shared.ConnectionStringAsync());
        await usage.SetAsync(_project, DateTime.UtcNow.ToString("yyyy-MM", CultureInfo.InvariantCulture), 4);
        await using var stream = await FakePubSub.StartAsync();
        stream.OnPublish = (_, ended) => Task.Delay(Timeout.Infinite, ended);
        var url = $"http://127.0.0.1:{FreePort.Next()}";
        await using var ingestion = new ServerProcess("ingestion", ChildCommand.Built("SegOps.Ingestion",
        [
            $"--urls={url}", $"--ConnectionStrings:pubsub={stream.ConnectionString}", $"--ConnectionStrings:redis={await shared.ConnectionStringAsync()}",
            $"--Internal:Secret={Secret}", "--Redis:Deadline=00:01:00", "--Redis:CommandTimeout=00:01:00", "--PubSub:Publisher:MessageDeadline=00:05:00",
        ]), Readiness.Of(url + "/alive"));
        await ingestion.StartAsync(TestContext.Current.CancellationToken);

        var sending = SendAsync(url, """{"events":[{"user_id":"u","event_type":"t"},{"user_id":"u","event_type":"t"},{"user_id":"u","event_type":"t"}]}""");
        await Eventually.TrueAsync(() => !stream.Publishes.IsEmpty, "it publishes");
        ingestion.Child.Kill();

        await Assert.ThrowsAsync<HttpRequestException>(() => sending.Patiently());
        Assert.Equal(4 + 3, await usage.ReadAsync(_project));
    }

    [Fact]
    public async Task TrackBatch_ClientGoneWhileItReserved_IsGivenBackAndNotPublished()
    {
        var budget = TimeSpan.FromSeconds(9);
        var clock = new WatchedClock();
        var gone = new GoneClient();
        await using var redis = await OwnRedis.StartAsync();
        await using var usage = await Usage.ConnectAsync(redis.ConnectionString);
        await using var stream = await FakePubSub.StartAsync();
        await using var ingestion = await StartWithAsync(
            stream.ConnectionString,
            builder => builder.Services.AddSingleton<TimeProvider>(clock).AddSingleton<IStartupFilter>(gone),
            $"--ConnectionStrings:redis={redis.ConnectionString}", $"--Redis:Deadline={budget}", "--Redis:CommandTimeout=00:00:50");
        using var measured = new MetricCollector<long>(ingestion.Services.GetRequiredService<IMeterFactory>(), IngestionTelemetry.Name, "segops.quota.events");

        using (redis.Hang())
        {
            var sending = QuotaTests.SendAsync(ingestion, _project, 2, limit: 5);
            await clock.SomebodyWaitsAsync(budget);
            ingestion.Client.CancelPendingRequests();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
            await gone.Noticed.Patiently();
        }

        await Eventually.TrueAsync(() => measured.GetMeasurementSnapshot().Count == 2, "the events are given back");
        Assert.Equal(["reserved", "given_back"], measured.GetMeasurementSnapshot().Select(measurement => measurement.Tags["segops.outcome"]));
        await usage.WaitForAsync(_project, 0).Patiently();
        Assert.Empty(stream.Publishes);
    }

    [Fact]
    public async Task Stop_EventsThatRedisHasYetToLearn_AreWrittenFirst()
    {
        var clock = new WatchedClock();
        await using var redis = await OwnRedis.StartAsync();
        await using var usage = await Usage.ConnectAsync(redis.ConnectionString);
        await using var stream = await FakePubSub.StartAsync();
        long before;
        await using (var ingestion = await StartWithAsync(
            stream.ConnectionString,
            builder => builder.Services.AddSingleton<TimeProvider>(clock),
            $"--ConnectionStrings:redis={redis.ConnectionString}", "--Redis:CommandTimeout=00:00:50", "--PubSub:Publisher:MaxBatchDelay=00:00:00"))
        {
            await redis.StopAsync();
            await AssertAcceptedAsync(await QuotaTests.SendAsync(ingestion, _project, 3, limit: 5).Patiently());
            await clock.SomebodyWaitsAsync(TimeSpan.FromSeconds(1)); // until it is written, for which the clock would have to go on
            await redis.StartAgainAsync();
            await ingestion.WaitForRedisAsync().Patiently();
            before = await usage.ReadAsync(_project);
        }

        Assert.Equal((0, 3), (before, await usage.ReadAsync(_project)));
    }

    private async Task<HttpResponseMessage> SendAsync(string url, string batch)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(url + BatchPath)) { Content = new StringContent(batch, Encoding.UTF8, "application/json") };
        request.Headers.Add(InternalHeaders.Secret, Secret);
        request.Headers.Add(InternalHeaders.Project, _project);
        request.Headers.Add(InternalHeaders.Environment, Environments.Live);
        request.Headers.Add(InternalHeaders.EventsPerMonth, "100");
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Knows when the service has noticed that its client has gone.</summary>
    private sealed class GoneClient : IStartupFilter
    {
        private readonly TaskCompletionSource _noticed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Noticed => _noticed.Task;

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => pipeline =>
        {
            pipeline.Use(following => context =>
            {
                context.RequestAborted.Register(() => _noticed.TrySetResult());
                return following(context);
            });
            next(pipeline);
        };
    }
}
