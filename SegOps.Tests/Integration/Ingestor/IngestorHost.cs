using ClickHouse.Driver.ADO;
using ClickHouse.Driver.Utility;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SegOps.Contracts;
using SegOps.Ingestor;
using SegOps.Ingestor.Health;
using SegOps.PubSub;
using SegOps.PubSub.Publishing;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Unit.Ingestor;

namespace SegOps.Tests.Integration.Ingestor;

/// <summary>The ingestor's worker in this process, with a publisher beside it and a connection to look at the tables.</summary>
internal sealed class IngestorHost : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly string _clickHouse;
    private WarehouseTables? _tables;

    private IngestorHost(IHost host, string clickHouse) => (_host, _clickHouse) = (host, clickHouse);

    public IServiceProvider Services => _host.Services;

    public IngestorStatus Status => Services.GetRequiredService<IngestorState>().Current;

    /// <param name="pubSub">Connection string.</param>
    /// <param name="clickHouse">Connection string.</param>
    /// <param name="settings">Settings, below <c>Ingestor:</c> unless they name their section: <c>BatchRows=5</c>, <c>PubSub:CreateTopology=false</c>.</param>
    public static async Task<IngestorHost> StartAsync(string pubSub, string clickHouse, params string[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection([
            new("ConnectionStrings:pubsub", pubSub),
            new("ConnectionStrings:clickhouse", clickHouse),
            // A busy machine must not decide an outcome.
            new("PubSub:Publisher:MessageDeadline", "00:05:00"),
            .. settings.Select(setting => setting.Split('=')).Select(pair => new KeyValuePair<string, string?>(pair[0].Contains(':', StringComparison.Ordinal) ? pair[0] : "Ingestor:" + pair[0], pair[1])),
        ]);
        builder.AddIngestor();
        foreach (var topic in (string[])[
            Streams.EventsTopic, Streams.LateEventsTopic, Streams.RejectionsTopic, Streams.ReceivedTopic,
            Streams.EventsDeadLetterTopic, Streams.RejectionsDeadLetterTopic, Streams.ReceivedDeadLetterTopic])
            builder.AddPublisher(topic);
        var host = new IngestorHost(builder.Build(), clickHouse);
        await host._host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    /// <summary>Starts it on tables that are there already, and are disposed of with it.</summary>
    public static async Task<IngestorHost> StartAsync(string pubSub, WarehouseTables tables, params string[] settings)
    {
        var host = await StartAsync(pubSub, tables.ConnectionString, settings);
        host._tables = tables;
        return host;
    }

    public Task RunningAsync() => Eventually.TrueAsync(() => Status is { Phase: IngestorPhase.Running, Reason: null }, "the ingestor runs");

    public Task<string> PublishAsync(params string[] rows) =>
        PublishAsync(Streams.EventsTopic, Messages.Pack(rows), Messages.Attributes(rows.Length));

    public Task<string> PublishAsync(string topic, ReadOnlyMemory<byte> data, Dictionary<string, string> attributes) =>
        Services.GetRequiredKeyedService<Publisher>(topic).PublishAsync(new(data, attributes), TestContext.Current.CancellationToken);

    /// <summary>What <paramref name="sql"/> answers in its first cell, as text.</summary>
    public Task<string> AskAsync(string sql) => AskAsync(_clickHouse, sql);

    public static async Task<string> AskAsync(string clickHouse, string sql)
    {
        await using var connection = new ClickHouseConnection(clickHouse);
        return $"{await connection.ExecuteScalarAsync(sql)}";
    }

    /// <summary>Waits until <paramref name="sql"/> answers <paramref name="expected"/>.</summary>
    public Task AnswersAsync(string expected, string sql) => Eventually.IsAsync(expected, () => AskAsync(sql));

    /// <summary>As on SIGTERM.</summary>
    public Task StopAsync() => _host.StopAsync(TestContext.Current.CancellationToken).Patiently();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
        _tables?.Dispose();
    }
}
