using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using SegOps.Contracts;
using SegOps.Monitoring.Audit;
using SegOps.Monitoring.Pipeline;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Monitoring.Audit;

/// <summary>Monitoring with tables and a Redis of its own, beside stages that do as the test says, and a clock that the test moves.</summary>
internal sealed class EventAuditUnderTest : IAsyncDisposable
{
    private static readonly string[] Stages = [StageProbes.EventStream, StageProbes.IngestorWorker, StageProbes.AnalyticsWarehouse];
    private readonly FakeTimeProvider _clock;
    private volatile StageResult _stage = StageResult.Ok;

    private EventAuditUnderTest(WarehouseTables tables)
    {
        Tables = tables;
        _clock = new(TimeProvider.System.GetUtcNow());
        Now = _clock.GetUtcNow();
    }

    /// <summary>When the test began.</summary>
    public DateTimeOffset Now { get; }

    public WarehouseTables Tables { get; }

    public MonitoringUnderTest Monitoring { get; private set; } = null!;

    /// <summary>Starts with a pipeline in which every stage has been found to work.</summary>
    /// <param name="clickHouse">Where its tables are.</param>
    /// <param name="settings">Settings of ClickHouse for its queries, as a part of the connection string.</param>
    public static async Task<EventAuditUnderTest> StartAsync(ClickHouseFixture clickHouse, string settings = "")
    {
        var tables = await clickHouse.NewTablesAsync();
        var started = new EventAuditUnderTest(tables);
        started.Monitoring = await MonitoringUnderTest.StartAsync(
            tables.ConnectionString + settings, started._clock,
            configure: builder =>
            {
                // The test makes the passes.
                builder.Services.Remove(builder.Services.Single(service => service.ImplementationFactory?.Method.ReturnType == typeof(EventAuditWorker)));
                builder.Services.RemoveAll<StageProbe>();
                foreach (var stage in Stages)
                    builder.Services.AddSingleton(new StageProbe(stage, _ => Task.FromResult(started._stage)));
            },
            settings: [MonitoringUnderTest.QuickProbes]);
        await started.SetStagesAsync(StageResult.Ok);
        return started;
    }

    /// <summary>Lets all stages fail or work, and their next checks see it.</summary>
    public Task SetStagesAsync(StageResult result)
    {
        _stage = result;
        var pipeline = Monitoring.Services.GetRequiredService<PipelineMonitor>();
        return Eventually.TrueAsync(
            () => pipeline.Current.Stages.All(stage => stage.State == result.State), "the stages were checked", () => _clock.Advance(TimeSpan.FromMilliseconds(50)));
    }

    /// <summary>Stores a report of an instance of Ingestion.</summary>
    public Task CountAsync(string project, int accepted, int rejected = 0, DateTimeOffset? at = null, Guid? report = null)
    {
        var minute = new DateTime((at ?? Now).UtcTicks / TimeSpan.TicksPerMinute * TimeSpan.TicksPerMinute).ToString(ReceivedColumns.MinuteFormat, CultureInfo.InvariantCulture);
        return Tables.ExecuteAsync(
            $"INSERT INTO received (minute, report_id, counts) SELECT '{minute}', '{report ?? Guid.NewGuid()}', [('{project}', '{Environments.Live}', {accepted}, {rejected})]");
    }

    /// <summary>Writes a letter of a row, or of a whole message of <paramref name="events"/>.</summary>
    public Task DeadLetterAsync(string project, Guid letter, Guid? row, int events = 1) => Tables.ExecuteAsync($$"""
        INSERT INTO dead_letters (project_id, environment, dead_letter_id, source_table, event_id, code, message, raw, message_id, attributes, first_seen)
        VALUES ('{{project}}', 'live', '{{letter}}', 'events', {{(row is null ? "NULL" : $"'{row}'")}}, 'x', 'x',
            '{{(row is null ? "(" : $$"""{"event_id":"{{row}}","received_at":"{{Text(Now)}}"}""")}}', 'm',
            map('segops-count', '{{events}}', 'segops-received-at', '{{Now.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'}}', 'segops-request-id', '{{Guid.NewGuid()}}'), '{{Text(Now)}}')
        """);

    /// <summary>Says that a letter was replayed.</summary>
    public Task ReplayedAsync(string project, Guid letter) => Tables.ExecuteAsync(
        $"INSERT INTO dead_letter_replays VALUES ('{project}', 'live', '{letter}', '{Text(Now)}')");

    /// <summary>Lets <paramref name="time"/> go by, counts what is stored, and makes one pass.</summary>
    public async Task PassAsync(TimeSpan time = default)
    {
        _clock.Advance(time);
        await Monitoring.RollUpAsync();
        await Monitoring.Services.GetRequiredService<EventAuditWorker>().PassAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>After a pass, what the ledger says.</summary>
    public async Task<JsonElement> ReadAsync(string project, TimeSpan time = default, string query = "")
    {
        await PassAsync(time);
        return await Monitoring.ReadAsync("/api/monitoring/ledger" + query, project);
    }

    /// <summary>The totals as text, such as <c>received 2, stored 2</c>, without those that are 0.</summary>
    public async Task<string> TotalsAsync(string project, TimeSpan time = default) => Totals(await ReadAsync(project, time));

    public static string Totals(JsonElement audit) => string.Join(", ", audit.GetProperty("totals").EnumerateObject()
        .Where(figure => figure.Value.GetInt64() != 0).Select(figure => $"{figure.Name} {figure.Value}"));

    /// <summary>The check <c>ledger</c> of Monitoring's own health.</summary>
    public async Task<JsonElement> HealthAsync() => (await Monitoring.ProbeAsync("/health")).Body.GetProperty("checks").GetProperty("ledger");

    public async ValueTask DisposeAsync()
    {
        await Monitoring.DisposeAsync();
        Tables.Dispose();
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(EventColumns.TimestampFormat, CultureInfo.InvariantCulture);
}
