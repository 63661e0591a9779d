using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using SegOps.Contracts;
using SegOps.Monitoring.DeadLetters;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Monitoring;

/// <summary>The alarm for messages that Pub/Sub has given up.</summary>
public sealed class ExhaustedMessagesTests(ClickHouseFixture clickHouse) : IAsyncLifetime
{
    private WarehouseTables _tables = null!;
    private MonitoringUnderTest _monitoring = null!;

    public async ValueTask InitializeAsync()
    {
        _tables = await clickHouse.NewTablesAsync();
        _monitoring = await MonitoringUnderTest.StartAsync(_tables.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await _monitoring.DisposeAsync();
        _tables.Dispose();
    }

    [Fact]
    public async Task Health_NoneGivenUp_IsHealthy()
    {
        await AddAsync("clickhouse_469");

        await HealthIsAsync("healthy");
    }

    [Fact]
    public async Task Health_OneGivenUp_IsDegradedAndSaysWhatToDo()
    {
        await AddAsync(DeadLetterCodes.DeliveryAttemptsExhausted);

        await HealthIsAsync("degraded");
        Assert.StartsWith("1 messages were given up by Pub/Sub since ", (await HealthAsync()).GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_GivenUpAndReplayed_IsHealthyAgain()
    {
        var letter = await AddAsync(DeadLetterCodes.DeliveryAttemptsExhausted);
        await HealthIsAsync("degraded");
        await _tables.ExecuteAsync($"INSERT INTO dead_letter_replays SELECT project_id, environment, dead_letter_id, now64(6) FROM dead_letters WHERE dead_letter_id = '{letter}'");

        await HealthIsAsync("healthy");
    }

    [Fact]
    public async Task Gauge_TwoGivenUp_IsTheirNumber()
    {
        using var gauge = new MetricCollector<long>(
            _monitoring.Services.GetRequiredService<IMeterFactory>(), "SegOps.Monitoring", "segops.dead_letters.exhausted");
        await AddAsync(DeadLetterCodes.DeliveryAttemptsExhausted);
        await AddAsync(DeadLetterCodes.DeliveryAttemptsExhausted);

        await Eventually.IsAsync(2L, async () =>
        {
            await CheckAsync();
            gauge.RecordObservableInstruments();
            return gauge.LastMeasurement!.Value;
        });
    }

    private Task<Guid> AddAsync(string code) => _tables.AddDeadLetterAsync("p", TimeProvider.System.GetUtcNow(), Guid.NewGuid(), "{}", code: code);

    /// <summary>Checks until it is. The service's own first check can end between one of the test's and its question.</summary>
    private Task HealthIsAsync(string status) => Eventually.IsAsync(status, async () =>
    {
        await CheckAsync();
        return (await HealthAsync()).GetProperty("status").GetString();
    });

    private Task CheckAsync() => _monitoring.Services.GetRequiredService<ExhaustedMessages>().CheckAsync(TestContext.Current.CancellationToken);

    private async Task<JsonElement> HealthAsync() =>
        (await _monitoring.ProbeAsync("/health")).Body.GetProperty("checks").GetProperty(ExhaustedMessages.Name);
}
