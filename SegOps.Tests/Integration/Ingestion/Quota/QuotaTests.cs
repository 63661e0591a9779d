using System.Globalization;
using System.Net;
using SegOps.Bench.Processes;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using static SegOps.Tests.Integration.Ingestion.IngestionUnderTest;

namespace SegOps.Tests.Integration.Ingestion.Quota;

public sealed class QuotaTests(PubSubEmulatorFixture emulator, RedisFixture redis)
{
    private const string Event = """{"user_id":"u","event_type":"t"}""";
    private readonly string _project = Unique.Name("project_");

    [Fact]
    public async Task TrackBatch_FitsTheMonth_SaysWhatIsUsed()
    {
        await using var ingestion = await StartWithRedisAsync();
        await SendAsync(ingestion, 2, limit: 5);

        var answer = await SendAsync(ingestion, 3, limit: 5);

        await AssertAcceptedAsync(answer);
        Assert.Equal(["5"], answer.Headers.GetValues(InternalHeaders.QuotaUsed));
    }

    [Fact]
    public async Task TrackBatch_DoesNotFitTheMonth_IsRefusedAsAWholeAndSaysWhatRemains()
    {
        await using var usage = await Usage.ConnectAsync(await redis.ConnectionStringAsync());
        await using var ingestion = await StartWithRedisAsync();
        await SendAsync(ingestion, 3, limit: 5);

        var answer = await SendAsync(ingestion, 3, limit: 5);

        var problem = await AssertProblemAsync(HttpStatusCode.TooManyRequests, ErrorCodes.QuotaExceeded, answer);
        Assert.Equal(2, problem.GetProperty("remaining").GetInt64());
        Assert.True(problem.TryGetProperty("request_id", out _));
        Assert.Equal(["3"], answer.Headers.GetValues(InternalHeaders.QuotaUsed));
        Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromDays(31));
        Assert.Equal(3, await usage.ReadAsync(_project));
    }

    [Fact]
    public async Task TrackBatch_DoesNotFitTheMonth_StandsOnceInTheListOfErrorsBesideTheFaults()
    {
        await using var ingestion = await StartWithRedisAsync();

        await SendAsync(ingestion, 3, limit: 2, more: ",{}");
        var rejections = await ingestion.NextRejectionsAsync();

        Assert.Equal([EventErrorCodes.Required, EventErrorCodes.Required, ErrorCodes.QuotaExceeded], rejections.Column(IngestionErrorColumns.Code));
        Assert.Equal(["3", "3", "-1"], rejections.Column(IngestionErrorColumns.EventIndex));
    }

    [Fact]
    public async Task TrackBatch_TestKey_IsNotCounted()
    {
        await using var usage = await Usage.ConnectAsync(await redis.ConnectionStringAsync());
        await using var ingestion = await StartWithRedisAsync();

        var answer = await SendAsync(ingestion, 3, limit: 2, environment: Environments.Test);

        await AssertAcceptedAsync(answer);
        Assert.False(answer.Headers.Contains(InternalHeaders.QuotaUsed));
        Assert.Equal(0, await usage.ReadAsync(_project));
    }

    [Fact]
    public async Task TrackBatch_TestKeyAboveItsDay_IsRefusedUntilTheNextDay()
    {
        await using var ingestion = await StartWithRedisAsync();
        await AssertAcceptedAsync(await SendTestAsync(ingestion, 3, limit: 5));

        var answer = await SendTestAsync(ingestion, 3, limit: 5);

        var problem = await AssertProblemAsync(HttpStatusCode.TooManyRequests, ErrorCodes.QuotaExceeded, answer);
        Assert.Equal(2, problem.GetProperty("remaining").GetInt64());
        Assert.Equal(
            "Nothing was accepted: 2 test events are left today (UTC). Send fewer, or wait for the next day.", problem.GetProperty("detail").GetString());
        Assert.Equal(["3"], answer.Headers.GetValues(InternalHeaders.QuotaUsed));
        Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
    }

    [Fact]
    public async Task TrackBatch_TestKeyOnTheNextDay_IsAccepted()
    {
        await using var connection = await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync(await redis.ConnectionStringAsync());
        var yesterday = (long)(DateTime.UtcNow - DateTime.UnixEpoch).TotalDays - 1;
        await connection.GetDatabase().HashSetAsync(RedisKeys.TestUsage(_project), yesterday, 5);
        await using var ingestion = await StartWithRedisAsync();

        await AssertAcceptedAsync(await SendTestAsync(ingestion, 5, limit: 5));

        Assert.Equal(1, await connection.GetDatabase().HashLengthAsync(RedisKeys.TestUsage(_project)));
        Assert.NotNull(await connection.GetDatabase().KeyTimeToLiveAsync(RedisKeys.TestUsage(_project)));
    }

    [Fact]
    public async Task TrackBatch_TestKeyWithoutRedis_IsLimitedByWhatIsKnownHere()
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());
        await AssertAcceptedAsync(await SendTestAsync(ingestion, 3, limit: 5));

        await AssertProblemAsync(HttpStatusCode.TooManyRequests, ErrorCodes.QuotaExceeded, await SendTestAsync(ingestion, 3, limit: 5));
    }

    [Fact]
    public async Task TrackBatch_Unlimited_IsCounted()
    {
        await using var usage = await Usage.ConnectAsync(await redis.ConnectionStringAsync());
        await using var ingestion = await StartWithRedisAsync();

        await AssertAcceptedAsync(await SendAsync(ingestion, 3, limit: null));

        Assert.Equal(3, await usage.ReadAsync(_project));
    }

    [Fact]
    public async Task TrackBatch_PreviousMonthFull_IsAccepted()
    {
        await using var usage = await Usage.ConnectAsync(await redis.ConnectionStringAsync());
        await usage.SetAsync(_project, DateTime.UtcNow.AddDays(-32).ToString("yyyy-MM", CultureInfo.InvariantCulture), 5);
        await using var ingestion = await StartWithRedisAsync();

        await AssertAcceptedAsync(await SendAsync(ingestion, 5, limit: 5));
    }

    [Fact]
    public async Task TrackBatch_NotPublished_IsGivenBack()
    {
        await using var usage = await Usage.ConnectAsync(await redis.ConnectionStringAsync());
        await SeedAsync(usage, 4);
        await using var ingestion = await StartAsync(
            $"Endpoint=http://127.0.0.1:{FreePort.Next()};ProjectId=test-project", "--PubSub:Publisher:MessageDeadline=00:00:00.3",
            $"--ConnectionStrings:redis={await redis.ConnectionStringAsync()}", "--Redis:Deadline=00:01:00", "--Redis:CommandTimeout=00:01:00");

        await AssertProblemAsync(HttpStatusCode.ServiceUnavailable, ErrorCodes.StreamUnavailable, await SendAsync(ingestion, 3, limit: 100));

        await usage.WaitForAsync(_project, 4);
    }

    private Task SeedAsync(Usage usage, long figure) =>
        usage.SetAsync(_project, DateTime.UtcNow.ToString("yyyy-MM", CultureInfo.InvariantCulture), figure);

    // A busy machine must not look like a Redis that is away.
    private async Task<IngestionUnderTest> StartWithRedisAsync() => await StartAsync(
        await emulator.NewProjectAsync(), $"--ConnectionStrings:redis={await redis.ConnectionStringAsync()}", "--Redis:Deadline=00:01:00", "--Redis:CommandTimeout=00:01:00");

    private Task<HttpResponseMessage> SendTestAsync(IngestionUnderTest ingestion, int count, int limit) =>
        ingestion.PostAsync(BatchPath, $$"""{"events":[{{string.Join(',', Enumerable.Repeat(Event, count))}}]}""", request =>
        {
            request.Headers.Remove(InternalHeaders.Project);
            request.Headers.Add(InternalHeaders.Project, _project);
            request.Headers.Remove(InternalHeaders.Environment);
            request.Headers.Add(InternalHeaders.Environment, Environments.Test);
            request.Headers.Add(InternalHeaders.TestEventsPerDay, limit.ToString(CultureInfo.InvariantCulture));
        });

    private Task<HttpResponseMessage> SendAsync(
        IngestionUnderTest ingestion, int count, int? limit, string more = "", string environment = Environments.Live) =>
        SendAsync(ingestion, _project, count, limit, more, environment);

    /// <summary>Sends a batch of valid events, as the gateway does.</summary>
    internal static Task<HttpResponseMessage> SendAsync(
        IngestionUnderTest ingestion, string project, int count, int? limit, string more = "", string environment = Environments.Live, int? budgetMilliseconds = null) =>
        ingestion.PostAsync(BatchPath, $$"""{"events":[{{string.Join(',', Enumerable.Repeat(Event, count))}}{{more}}]}""", request =>
        {
            request.Headers.Remove(InternalHeaders.Project);
            request.Headers.Add(InternalHeaders.Project, project);
            request.Headers.Remove(InternalHeaders.Environment);
            request.Headers.Add(InternalHeaders.Environment, environment);
            if (limit is { } figure)
                request.Headers.Add(InternalHeaders.EventsPerMonth, figure.ToString(CultureInfo.InvariantCulture));
            if (budgetMilliseconds is { } budget)
                request.Headers.Add(InternalHeaders.RedisBudget, budget.ToString(CultureInfo.InvariantCulture));
        });
}
