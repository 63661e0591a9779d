using System.Diagnostics.Metrics;
using System.Net;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using SegOps.Contracts;
using SegOps.Ingestion.Publishing;
using SegOps.Ingestion.Telemetry;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.PubSub;
using StackExchange.Redis;
using static SegOps.Tests.Integration.Ingestion.IngestionUnderTest;

namespace SegOps.Tests.Integration.Ingestion.Publishing;

/// <summary>Which ids Redis knows of while their events are in flight.</summary>
public sealed class InFlightIdTests(RedisFixture shared)
{
    private readonly string _project = Unique.Name("project_");
    private readonly Guid _id = Guid.NewGuid();

    [Fact]
    public async Task Track_StillPublishing_IsRememberedAlready()
    {
        var published = new TaskCompletionSource();
        await using var redis = await ConnectAsync();
        await using var stream = await FakePubSub.StartAsync();
        stream.OnPublish = (_, _) => published.Task;
        await using var ingestion = await StartAsync(stream);

        var answer = SendAsync(ingestion, _id);
        await Eventually.IsAsync(true, () => IsRememberedAsync(redis, _id));
        published.SetResult();

        await AssertAcceptedAsync(await answer.Patiently());
        Assert.True(await IsRememberedAsync(redis, _id));
    }

    [Fact]
    public async Task Track_Remembered_IsKeptForAnHourWithItsTimeOfReceipt()
    {
        await using var redis = await ConnectAsync();
        await using var stream = await FakePubSub.StartAsync();
        await using var ingestion = await StartAsync(stream);
        var before = DateTimeOffset.UtcNow;

        await AssertAcceptedAsync(await SendAsync(ingestion, _id));
        await Eventually.IsAsync(true, () => IsRememberedAsync(redis, _id));

        foreach (var key in Keys())
        {
            if ((long?)await redis.GetDatabase().HashGetAsync(key, AcceptedIds.FieldOf(_id)) is not { } receivedAt)
                continue;
            Assert.InRange(receivedAt, before.AddSeconds(-1).ToUnixTimeMilliseconds(), DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
            Assert.InRange((await redis.GetDatabase().KeyTimeToLiveAsync(key))!.Value, TimeSpan.FromMinutes(59), TimeSpan.FromHours(1));
        }
    }

    [Fact]
    public async Task Track_PublishFails_IsForgotten()
    {
        var failing = new TaskCompletionSource();
        await using var redis = await ConnectAsync();
        await using var stream = await FakePubSub.StartAsync();
        stream.OnPublish = (_, _) => failing.Task;
        await using var ingestion = await StartAsync(stream);

        var answer = SendAsync(ingestion, _id);
        await Eventually.IsAsync(true, () => IsRememberedAsync(redis, _id));
        failing.SetException(FakePubSub.Fault(StatusCode.InvalidArgument));

        await AssertProblemAsync(HttpStatusCode.ServiceUnavailable, ErrorCodes.StreamUnavailable, await answer.Patiently());
        await Eventually.IsAsync(false, () => IsRememberedAsync(redis, _id));
    }

    [Fact]
    public async Task Track_RefusedEvent_IsNotRemembered()
    {
        await using var redis = await ConnectAsync();
        await using var stream = await FakePubSub.StartAsync();
        await using var ingestion = await StartAsync(stream);
        var accepted = Guid.NewGuid();

        await ingestion.PostAsync(
            BatchPath, $$"""{"events":[{"event_id":"{{_id}}","user_id":1,"event_type":"t"},{{Event(accepted)}}]}""", OfTheProject(_project));
        await Eventually.IsAsync(true, () => IsRememberedAsync(redis, accepted));

        Assert.False(await IsRememberedAsync(redis, _id));
    }

    [Fact]
    public async Task Track_RedisAway_IsAcceptedAndCounted()
    {
        await using var stream = await FakePubSub.StartAsync();
        await using var ingestion = await IngestionUnderTest.StartAsync(stream.ConnectionString);
        using var dropped = Measure(ingestion);

        await AssertAcceptedAsync(await SendAsync(ingestion, _id));

        await Eventually.TrueAsync(() => dropped.GetMeasurementSnapshot().Count == 1, "it is counted");
        Assert.Equal("redis_away", dropped.LastMeasurement!.Tags["segops.reason"]);
    }

    [Fact]
    public async Task Track_RedisHangs_IsAcceptedWithoutWaitingForIt()
    {
        await using var redis = await OwnRedis.StartAsync();
        await using var stream = await FakePubSub.StartAsync();
        await using var ingestion = await IngestionUnderTest.StartWithAsync(
            stream.ConnectionString, builder => builder.Services.AddSingleton<TimeProvider>(new WatchedClock()),
            $"--ConnectionStrings:redis={redis.ConnectionString}", "--Redis:CommandTimeout=00:00:50", "--PubSub:Publisher:MaxBatchDelay=00:00:00");
        using var hanging = redis.Hang();

        var answer = SendAsync(ingestion, _id); // with a test key, so that the quota asks Redis nothing

        await AssertAcceptedAsync(await answer.Patiently()); // the clock stands still
    }

    [Fact]
    public async Task Track_MinutesIdsUsedUp_IsAcceptedCountedAndNotRemembered()
    {
        await using var redis = await ConnectAsync();
        await using var stream = await FakePubSub.StartAsync();
        await using var ingestion = await StartAsync(stream, "--Receipts:IdsPerMinute=2");
        using var dropped = Measure(ingestion);
        Guid[] ids = [Guid.NewGuid(), Guid.NewGuid()];

        await AssertAcceptedAsync(await SendAsync(ingestion, ids));
        await AssertAcceptedAsync(await SendAsync(ingestion, _id));
        await Eventually.IsAsync(true, () => IsRememberedAsync(redis, ids[1]));

        Assert.False(await IsRememberedAsync(redis, _id));
        Assert.Equal("minute_full", dropped.LastMeasurement!.Tags["segops.reason"]);
    }

    [Fact]
    public async Task Track_TooManyStillPublishing_IsAcceptedAndCounted()
    {
        var published = new TaskCompletionSource();
        await using var stream = await FakePubSub.StartAsync();
        stream.OnPublish = (_, _) => published.Task;
        await using var ingestion = await StartAsync(stream);
        using var dropped = Measure(ingestion);

        var answers = Enumerable.Range(0, InFlightIds.MaxPending + 1).Select(_ => SendAsync(ingestion, Guid.NewGuid())).ToList();
        await Eventually.TrueAsync(() => dropped.GetMeasurementSnapshot().Count == 1, "one too many is counted");
        published.SetResult();

        Assert.Equal("busy", dropped.LastMeasurement!.Tags["segops.reason"]);
        foreach (var answer in await Task.WhenAll(answers).Patiently())
            await AssertAcceptedAsync(answer);
    }

    [Fact]
    public async Task Track_NextMinute_IsRememberedAgain()
    {
        var clock = new WatchedClock();
        await using var redis = await ConnectAsync();
        await using var stream = await FakePubSub.StartAsync();
        await using var ingestion = await IngestionUnderTest.StartWithAsync(
            stream.ConnectionString, builder => builder.Services.AddSingleton<TimeProvider>(clock),
            [.. await SettingsAsync(), "--Receipts:IdsPerMinute=1", "--PubSub:Publisher:MaxBatchDelay=00:00:00"]);
        await AssertAcceptedAsync(await SendAsync(ingestion, Guid.NewGuid()).Patiently());

        clock.Advance(TimeSpan.FromMinutes(1));
        await AssertAcceptedAsync(await SendAsync(ingestion, _id).Patiently());

        await Eventually.IsAsync(true, () => IsRememberedAsync(redis, _id));
    }

    [Fact]
    public async Task Track_Canary_IsNotRemembered()
    {
        await using var redis = await ConnectAsync();
        await using var stream = await FakePubSub.StartAsync();
        await using var ingestion = await StartAsync(stream);
        var other = Guid.NewGuid();

        await AssertAcceptedAsync(await ingestion.PostAsync(SinglePath, Event(_id), OfTheProject(Canary.ProjectId)));
        await AssertAcceptedAsync(await SendAsync(ingestion, other));
        await Eventually.IsAsync(true, () => IsRememberedAsync(redis, other));

        Assert.False(await IsRememberedAsync(redis, _id, Canary.ProjectId));
    }

    private static string Event(Guid id) => $$"""{"event_id":"{{id}}","user_id":"u","event_type":"t"}""";

    private static MetricCollector<long> Measure(IngestionUnderTest ingestion) =>
        new(ingestion.Services.GetRequiredService<IMeterFactory>(), IngestionTelemetry.Name, "segops.receipts.dropped");

    /// <summary>With a test key, which no quota counts.</summary>
    private static Action<HttpRequestMessage> OfTheProject(string project) => request =>
    {
        request.Headers.Remove(InternalHeaders.Project);
        request.Headers.Add(InternalHeaders.Project, project);
        request.Headers.Remove(InternalHeaders.Environment);
        request.Headers.Add(InternalHeaders.Environment, Environments.Test);
    };

    private Task<HttpResponseMessage> SendAsync(IngestionUnderTest ingestion, params Guid[] ids) =>
        ingestion.PostAsync(BatchPath, $$"""{"events":[{{string.Join(',', ids.Select(Event))}}]}""", OfTheProject(_project));

    /// <summary>The hashes that what was received just now, or will be in a minute, can lie in.</summary>
    private IEnumerable<RedisKey> Keys(string? project = null) => ((int[])[-10, 0, 10])
        .Select(minutes => (RedisKey)RedisKeys.Accepted(project ?? _project, Environments.Test, DateTimeOffset.UtcNow.AddMinutes(minutes)));

    private async Task<bool> IsRememberedAsync(ConnectionMultiplexer redis, Guid id, string? project = null)
    {
        var found = await Task.WhenAll(Keys(project).Select(key => redis.GetDatabase().HashExistsAsync(key, AcceptedIds.FieldOf(id))));
        return found.Contains(true);
    }

    private async Task<ConnectionMultiplexer> ConnectAsync() => await ConnectionMultiplexer.ConnectAsync(await shared.ConnectionStringAsync());

    private async Task<string[]> SettingsAsync() => [$"--ConnectionStrings:redis={await shared.ConnectionStringAsync()}", "--Redis:CommandTimeout=00:00:50"];

    private async Task<IngestionUnderTest> StartAsync(FakePubSub stream, params string[] settings) =>
        await IngestionUnderTest.StartAsync(stream.ConnectionString, [.. await SettingsAsync(), .. settings]);
}
