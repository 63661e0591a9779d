using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.Ingestion;
using SegOps.Tests.Integration.Monitoring;
using StackExchange.Redis;

namespace SegOps.Tests.Integration.Gateway.Reference;

/// <summary>The public API in this process: the gateway with both real services behind it, for the tests of one class.</summary>
public sealed class PublicApi(RedisFixture redis, PubSubEmulatorFixture pubSub, ClickHouseFixture clickHouse) : IAsyncLifetime
{
    /// <summary>A user with a trait.</summary>
    internal const string Identified = "user-2";

    private WarehouseTables? _tables;
    private string _project = "";
    private IngestionUnderTest? _ingestion;
    private MonitoringUnderTest? _monitoring;

    internal GatewayUnderTest Gateway { get; private set; } = null!;

    /// <summary>A key of a project without a limit that these tests could meet.</summary>
    internal string Key { get; private set; } = "";

    internal string RevokedKey { get; private set; } = "";

    internal string Redis { get; private set; } = "";

    internal string Warehouse => _tables!.ConnectionString;

    /// <summary>An event of the key's project in each state that one can be in.</summary>
    internal IReadOnlyDictionary<string, Guid> Receipts { get; } =
        ((string[])["stored", "dead_lettered", "in_flight", "rejected", "unknown"]).ToDictionary(state => state, _ => Guid.NewGuid());

    public async ValueTask InitializeAsync()
    {
        Redis = await redis.ConnectionStringAsync();
        var stream = await pubSub.NewProjectAsync();
        _tables = await clickHouse.NewTablesAsync();
        _ingestion = await IngestionUnderTest.StartAsync(stream);
        _monitoring = await MonitoringUnderTest.StartAsync(_tables.ConnectionString, pubsub: stream, redis: Redis, settings: "--Live:Duration=00:00:03");
        Gateway = await GatewayUnderTest.StartAsync(
            Redis, _ingestion.Client.BaseAddress!.ToString(), null, $"--services:monitoring:http:0={_monitoring.Client.BaseAddress}");
        (Key, _project) = await KeyIssuer.IssueAsync(Redis, plan: "enterprise");
        (RevokedKey, _) = await KeyIssuer.IssueAsync(Redis);
        await KeyIssuer.RevokeAsync(Redis, RevokedKey, TimeProvider.System.GetUtcNow().AddMinutes(-1));
        await StoreEventAsync();
        await _tables.AddErrorAsync(_project, TimeProvider.System.GetUtcNow().AddSeconds(-1), Severities.Error, Guid.NewGuid(), field: "event_type");
        await _tables.AddErrorAsync(_project, TimeProvider.System.GetUtcNow(), Severities.Error, Guid.NewGuid(), sample: """{"userId":"string(8)"}""");
        await _tables.AddErrorAsync(_project, TimeProvider.System.GetUtcNow(), Severities.Warning, Guid.NewGuid(), eventIndex: -1, code: WarningCodes.UnknownField);
        await StoreReceiptsAsync(_tables);
        await _tables.AddEventAsync(
            _project, TimeProvider.System.GetUtcNow().AddSeconds(-1), userId: Identified, eventType: EventColumns.IdentifyType, payload: """{"plan":"pro"}""");
        await _monitoring.RollUpAsync();
    }

    private async Task StoreReceiptsAsync(WarehouseTables tables)
    {
        var now = TimeProvider.System.GetUtcNow();
        await tables.AddEventAsync(_project, now, eventId: Receipts["stored"]);
        await tables.AddDeadLetterAsync(_project, now, Receipts["dead_lettered"], "{}");
        await tables.AddErrorAsync(_project, now.AddSeconds(-1), Severities.Error, Guid.NewGuid(), field: "event_type", eventIds: Receipts["rejected"]);
        await using var connection = await ConnectionMultiplexer.ConnectAsync(Redis);
        await connection.GetDatabase().HashSetAsync(
            RedisKeys.Accepted(_project, Environments.Live, now), AcceptedIds.FieldOf(Receipts["in_flight"]), now.ToUnixTimeMilliseconds());
    }

    /// <summary>Stores an event of the key's project.</summary>
    internal Task StoreEventAsync() => _tables!.AddEventAsync(_project, TimeProvider.System.GetUtcNow(), payload: """{"total":89.95}""");

    public async ValueTask DisposeAsync()
    {
        foreach (var part in (IAsyncDisposable?[])[Gateway, _monitoring, _ingestion])
            await (part?.DisposeAsync() ?? ValueTask.CompletedTask);
        _tables?.Dispose();
    }
}
