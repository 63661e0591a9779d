using System.Globalization;
using System.Net;
using System.Text.Json;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using StackExchange.Redis;

namespace SegOps.Tests.Integration.Monitoring;

public sealed class EventStatusTests(ClickHouseFixture clickHouse, RedisFixture redis)
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    /// <summary>Within the time that all tables keep rows for, and in whole microseconds as they hold it.</summary>
    private static readonly DateTimeOffset Then = DateTimeOffset.FromUnixTimeSeconds(Now.ToUnixTimeSeconds()).AddDays(-2).AddMicroseconds(678901);

    private readonly string _project = Unique.Name("project_");
    private readonly Guid _id = Guid.NewGuid();

    [Fact]
    public async Task Event_InTheTable_IsStoredWithItsTimes()
    {
        using var tables = await TablesAsync();
        await tables.AddEventAsync(_project, Then, eventType: "page_viewed", eventId: _id);
        await using var monitoring = await StartAsync(tables);

        var receipt = await ReadAsync(monitoring);

        Assert.Equal("stored live page_viewed", $"{Text(receipt, "state")} {Text(receipt, "environment")} {Text(receipt, "event_type")}");
        Assert.Equal(_id, receipt.GetProperty("event_id").GetGuid());
        Assert.Equal(Written(Then), Text(receipt, "received_at"));
        Assert.Equal(Written(Then), Text(receipt, "occurred_at"));
        Assert.InRange(receipt.GetProperty("stored_at").GetDateTimeOffset(), Now.AddMinutes(-1), TimeProvider.System.GetUtcNow().AddMinutes(1));
        Assert.True(receipt.TryGetProperty("request_id", out _));
    }

    [Fact]
    public async Task Event_StoredTwice_IsStoredAsItWasReceivedLast()
    {
        using var tables = await TablesAsync();
        await tables.AddEventAsync(_project, Then.AddDays(1), eventId: _id);
        await tables.AddEventAsync(_project, Then, eventId: _id);
        await using var monitoring = await StartAsync(tables);

        Assert.Equal(Written(Then.AddDays(1)), Text(await ReadAsync(monitoring), "received_at"));
    }

    [Fact]
    public async Task Event_OfAnOpenLetter_IsDeadLetteredWithItsReasonAndWithoutItsData()
    {
        using var tables = await TablesAsync();
        var request = Guid.NewGuid();
        await tables.AddDeadLetterAsync(
            _project, Then.AddSeconds(1), _id,
            $$"""{"event_id":"{{_id}}","event_type":"order_placd","received_at":"{{Then.UtcDateTime.ToString(EventColumns.TimestampFormat, CultureInfo.InvariantCulture)}}","request_id":"{{request}}"}""");
        await using var monitoring = await StartAsync(tables);

        var receipt = await ReadAsync(monitoring);

        Assert.Equal("dead_lettered order_placd", $"{Text(receipt, "state")} {Text(receipt, "event_type")}");
        Assert.Equal(Written(Then.AddSeconds(1)), Text(receipt, "dead_lettered_at"));
        Assert.Equal(Written(Then), Text(receipt, "received_at"));
        Assert.Equal(request, receipt.GetProperty("request_id").GetGuid());
        Assert.StartsWith("The analytics warehouse refused its row (clickhouse_469 VIOLATED_CONSTRAINT).", Text(receipt, "reason"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Event_OfALetterThatIsNoJson_IsDeadLetteredAllTheSame()
    {
        using var tables = await TablesAsync();
        await tables.AddDeadLetterAsync(_project, Now, _id, "{\"event_type\":", message: "no name in it");
        await using var monitoring = await StartAsync(tables);

        var receipt = await ReadAsync(monitoring);

        Assert.Equal("dead_lettered", Text(receipt, "state"));
        Assert.Contains("(clickhouse_469)", Text(receipt, "reason"), StringComparison.Ordinal);
        Assert.False(receipt.TryGetProperty("request_id", out _));
    }

    [Fact]
    public async Task Event_OfAReplayedLetter_IsStored()
    {
        using var tables = await TablesAsync();
        var letter = await tables.AddDeadLetterAsync(_project, Now, _id, "{}");
        await CloseAsync(tables, letter);
        await tables.AddEventAsync(_project, Now, eventId: _id);
        await using var monitoring = await StartAsync(tables);

        Assert.Equal("stored", Text(await ReadAsync(monitoring), "state"));
    }

    [Fact]
    public async Task Event_OfAClosedLetterThatIsNotStored_IsNotDeadLettered()
    {
        using var tables = await TablesAsync();
        await CloseAsync(tables, await tables.AddDeadLetterAsync(_project, Now, _id, "{}"));
        await using var monitoring = await StartAsync(tables);

        Assert.Equal("unknown", Text(await ReadAsync(monitoring), "state"));
    }

    [Fact]
    public async Task Event_LetterOfAnotherTable_IsNotDeadLettered()
    {
        using var tables = await TablesAsync();
        await tables.AddDeadLetterAsync(_project, Now, _id, "{}", table: "ingestion_errors");
        await using var monitoring = await StartAsync(tables);

        Assert.Equal("unknown", Text(await ReadAsync(monitoring), "state"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(59)]
    public async Task Event_AcceptedWithinTheHour_IsInFlight(int minutesAgo)
    {
        using var tables = await TablesAsync();
        await AcceptAsync(Now.AddMinutes(-minutesAgo));
        await using var monitoring = await StartAsync(tables);

        var receipt = await ReadAsync(monitoring);

        Assert.Equal("in_flight", Text(receipt, "state"));
        Assert.Equal(Now.AddMinutes(-minutesAgo).ToUnixTimeMilliseconds(), receipt.GetProperty("received_at").GetDateTimeOffset().ToUnixTimeMilliseconds());
    }

    [Fact]
    public async Task Event_Refused_IsRejectedWithTheFaultsOfItsLastRefusal()
    {
        using var tables = await TablesAsync();
        Guid first = Guid.NewGuid(), last = Guid.NewGuid();
        await RefuseAsync(tables, Then, first, EventErrorCodes.TooLong, "user_id");
        await RefuseAsync(tables, Then.AddSeconds(1), last, EventErrorCodes.Required, "user_id");
        await RefuseAsync(tables, Then.AddSeconds(1), last, EventErrorCodes.Empty, "event_type");
        await using var monitoring = await StartAsync(tables);

        var receipt = await ReadAsync(monitoring);

        Assert.Equal($"rejected {Written(Then.AddSeconds(1))}", $"{Text(receipt, "state")} {Text(receipt, "received_at")}");
        Assert.Equal(last, receipt.GetProperty("request_id").GetGuid());
        var errors = receipt.GetProperty("errors").EnumerateArray().ToList();
        Assert.Equal(["event_type empty", "user_id required"], errors.Select(error => $"{Text(error, "field")} {Text(error, "code")}"));
        Assert.All(errors, error => Assert.NotEqual("", Text(error, "fix")));
    }

    [Fact]
    public async Task Event_RefusedWithItsWholeRequest_IsRejected()
    {
        using var tables = await TablesAsync();
        await tables.AddErrorAsync(
            _project, Now, Severities.Error, Guid.NewGuid(), eventIndex: -1, code: ErrorCodes.QuotaExceeded, field: "", eventIds: [Guid.NewGuid(), _id]);
        await using var monitoring = await StartAsync(tables);

        var receipt = await ReadAsync(monitoring);

        Assert.Equal("rejected", Text(receipt, "state"));
        Assert.Equal(ErrorCodes.QuotaExceeded, Text(Assert.Single(receipt.GetProperty("errors").EnumerateArray()), "code"));
    }

    [Fact]
    public async Task Event_FaultStoredTwice_IsToldOnce()
    {
        using var tables = await TablesAsync();
        var (request, fault) = (Guid.NewGuid(), Guid.NewGuid());
        for (var copy = 0; copy < 2; copy++)
            await tables.AddErrorAsync(_project, Now, Severities.Error, request, errorId: fault, eventIds: _id);
        await using var monitoring = await StartAsync(tables);

        Assert.Single((await ReadAsync(monitoring)).GetProperty("errors").EnumerateArray());
    }

    [Fact]
    public async Task Event_NeverSent_IsUnknownWithWhatThatCanMean()
    {
        using var tables = await TablesAsync();
        await using var monitoring = await StartAsync(tables);

        var receipt = await ReadAsync(monitoring);

        Assert.Equal("unknown", Text(receipt, "state"));
        Assert.Contains("never sent", Text(receipt, "reason"), StringComparison.Ordinal);
    }

    /// <summary>Each state holds against all that follow it.</summary>
    [Theory]
    [InlineData("stored", "dead_lettered", "in_flight", "rejected")]
    [InlineData("dead_lettered", "in_flight", "rejected")]
    [InlineData("in_flight", "rejected")]
    [InlineData("rejected")]
    public async Task Event_InSeveralStates_IsInTheFirst(params string[] states)
    {
        using var tables = await TablesAsync();
        foreach (var state in states)
            await PutAsync(tables, state, _project, Environments.Live);
        await using var monitoring = await StartAsync(tables);

        Assert.Equal(states[0], Text(await ReadAsync(monitoring), "state"));
    }

    [Theory]
    [InlineData("stored")]
    [InlineData("dead_lettered")]
    [InlineData("in_flight")]
    [InlineData("rejected")]
    public async Task Event_OfAnotherProjectOrEnvironment_IsUnknown(string state)
    {
        using var tables = await TablesAsync();
        await PutAsync(tables, state, Unique.Name("project_"), Environments.Live);
        await PutAsync(tables, state, _project, Environments.Test);
        await using var monitoring = await StartAsync(tables);

        Assert.Equal("unknown", Text(await ReadAsync(monitoring), "state"));
    }

    [Theory]
    [InlineData("17")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("0190163d8694739baea5966c26f8ad91")]
    [InlineData("%7B0190163d-8694-739b-aea5-966c26f8ad91%7D")]
    public async Task Event_NoUuid_IsInvalidParameter(string id)
    {
        await using var monitoring = await MonitoringUnderTest.StartAsync(MonitoringUnderTest.NoWarehouse);

        using var answer = await monitoring.GetAsync($"/api/ingestion/events/{id}", _project);

        await ProblemAnswer.ReadAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidParameter, answer);
    }

    [Fact]
    public async Task Event_UpperCaseId_IsFound()
    {
        using var tables = await TablesAsync();
        await tables.AddEventAsync(_project, Now, eventId: _id);
        await using var monitoring = await StartAsync(tables);

        Assert.Equal("stored", Text(await monitoring.ReadAsync($"/api/ingestion/events/{_id.ToString().ToUpperInvariant()}", _project), "state"));
    }

    [Fact]
    public async Task Event_WarehouseAway_IsWarehouseUnavailable()
    {
        await using var monitoring = await MonitoringUnderTest.StartAsync(MonitoringUnderTest.NoWarehouse, redis: await redis.ConnectionStringAsync());

        using var answer = await monitoring.GetAsync(Path, _project);

        await ProblemAnswer.ReadAsync(HttpStatusCode.ServiceUnavailable, ErrorCodes.WarehouseUnavailable, answer);
    }

    [Fact]
    public async Task Event_RedisAwayAndNotFound_IsReceiptUnavailable()
    {
        using var tables = await TablesAsync();
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        using var answer = await monitoring.GetAsync(Path, _project);

        await ProblemAnswer.ReadAsync(HttpStatusCode.ServiceUnavailable, ErrorCodes.ReceiptUnavailable, answer);
    }

    [Theory]
    [InlineData("stored")]
    [InlineData("dead_lettered")]
    [InlineData("rejected")]
    public async Task Event_RedisAwayAndFoundInTheWarehouse_IsTold(string state)
    {
        using var tables = await TablesAsync();
        await PutAsync(tables, state, _project, Environments.Live);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        Assert.Equal(state, Text(await ReadAsync(monitoring), "state"));
    }

    private string Path => $"/api/ingestion/events/{_id}";

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static string Written(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private Task<JsonElement> ReadAsync(MonitoringUnderTest monitoring) => monitoring.ReadAsync(Path, _project);

    private Task PutAsync(WarehouseTables tables, string state, string project, string environment) => state switch
    {
        "stored" => tables.AddEventAsync(project, Now, environment, eventId: _id),
        "dead_lettered" => tables.AddDeadLetterAsync(project, Now, _id, "{}", environment),
        "in_flight" => AcceptAsync(Now, project, environment),
        _ => tables.AddErrorAsync(project, Now, Severities.Error, Guid.NewGuid(), environment: environment, eventIds: _id),
    };

    private Task RefuseAsync(WarehouseTables tables, DateTimeOffset at, Guid request, string code, string field) =>
        tables.AddErrorAsync(_project, at, Severities.Error, request, code: code, field: field, eventIds: _id);

    private static Task CloseAsync(WarehouseTables tables, Guid letter) => tables.ExecuteAsync(
        $"INSERT INTO dead_letter_replays SELECT project_id, environment, dead_letter_id, now64(6) FROM dead_letters WHERE dead_letter_id = '{letter}'");

    private async Task AcceptAsync(DateTimeOffset receivedAt, string? project = null, string environment = Environments.Live)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(await redis.ConnectionStringAsync());
        await connection.GetDatabase().HashSetAsync(
            RedisKeys.Accepted(project ?? _project, environment, receivedAt), AcceptedIds.FieldOf(_id), receivedAt.ToUnixTimeMilliseconds());
    }

    private Task<WarehouseTables> TablesAsync() => clickHouse.NewTablesAsync();

    private async Task<MonitoringUnderTest> StartAsync(WarehouseTables tables) =>
        await MonitoringUnderTest.StartAsync(tables.ConnectionString, redis: await redis.ConnectionStringAsync());
}
