using System.Net;
using Microsoft.Extensions.Options;
using SegOps.Ingestor.Health;
using SegOps.Ingestor.Schema;
using SegOps.Ingestor.Streaming;
using SegOps.Ingestor.Telemetry;
using SegOps.Ingestor.Writing;
using SegOps.PubSub;
using SegOps.ServiceDefaults.Configuration;

namespace SegOps.Ingestor;

/// <summary>Adds what the worker is made of.</summary>
internal static class IngestorExtensions
{
    /// <summary>What the host waits beyond <see cref="IngestorOptions.ShutdownGrace"/> for nacks and acks to be sent.</summary>
    private static readonly TimeSpan ShutdownMargin = TimeSpan.FromSeconds(5);

    /// <summary>Adds the worker, its two streams, its options and its health check.</summary>
    public static IHostApplicationBuilder AddIngestor(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddValidatedOptions<IngestorOptions, IngestorOptionsValidator>(IngestorOptions.Section);
        services.AddOptions<HostOptions>().Configure<IOptions<IngestorOptions>>(
            (host, ingestor) => host.ShutdownTimeout = ingestor.Value.ShutdownGrace + ShutdownMargin);
        services.AddSingleton<IngestorState>();
        services.AddSingleton<IngestorTelemetry>();
        services.AddHealthChecks().AddCheck<IngestorHealthCheck>(IngestorHealthCheck.Name);

        builder.AddWarehouse();
        services.AddSingleton<Batcher>();
        builder.AddStream(StreamTarget.Events);
        builder.AddStream(StreamTarget.Rejections);
        services.AddHostedService<IngestorWorker>();
        return builder;
    }

    private static void AddWarehouse(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddValidatedOptions<WarehouseOptions, WarehouseOptionsValidator>(WarehouseOptions.Section);
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<WarehouseOptions>>().Value.ToSettings());

        // Not from the factory: its handlers repeat and time out by rules for short calls. PatientInserter has those for inserts.
        services.AddSingleton(_ => new HttpClient(new SocketsHttpHandler
        {
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        })
        { Timeout = Timeout.InfiniteTimeSpan });
        services.AddSingleton<Migrator>();
        services.AddSingleton<ClickHouseInserter>();
        services.AddSingleton<PatientInserter>();
        services.AddSingleton<BatchWriter>();
    }

    private static void AddStream(this IHostApplicationBuilder builder, StreamTarget target)
    {
        builder.AddSubscriber(target.Subscription);
        builder.Services.AddSingleton(provider => ActivatorUtilities.CreateInstance<StreamWorker>(
            provider, target, provider.GetRequiredKeyedService<Subscriber>(target.Subscription)));
    }
}
