using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.Ingestor.Health;
using SegOps.Ingestor.Schema;
using SegOps.Ingestor.Streaming;
using SegOps.Ingestor.Telemetry;
using SegOps.Ingestor.Writing;
using SegOps.PubSub;
using SegOps.PubSub.Configuration;
using SegOps.PubSub.Subscribing;
using SegOps.ServiceDefaults.Configuration;
using SegOps.Warehouse;

namespace SegOps.Ingestor;

/// <summary>Registration of the worker.</summary>
internal static class IngestorExtensions
{
    /// <summary>Additional wait of the host after <see cref="IngestorOptions.ShutdownGrace"/>, to send nacks and acks.</summary>
    private static readonly TimeSpan ShutdownMargin = TimeSpan.FromSeconds(5);

    /// <summary>Pause after an empty answer of the emulator. A call costs each side about 1 ms of processor time.</summary>
    private static readonly TimeSpan DeadLetterPollInterval = TimeSpan.FromSeconds(2);

    /// <summary>As <see cref="DeadLetterPollInterval"/>. Shorter than the time for which a batch of late events fills.</summary>
    private static readonly TimeSpan LatePollInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>Adds the worker with Pub/Sub and ClickHouse, its options and its health check.</summary>
    public static IHostApplicationBuilder AddIngestor(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddValidatedOptions<IngestorOptions>(IngestorOptions.Section);
        services.AddOptions<HostOptions>().Configure<IOptions<IngestorOptions>>(
            (host, ingestor) => host.ShutdownTimeout = ingestor.Value.ShutdownGrace + ShutdownMargin);
        services.AddSingleton<IngestorState>();
        services.AddSingleton<HeldBatches>();
        services.AddSingleton<IngestorTelemetry>();
        services.AddHealthChecks().AddCheck<IngestorHealthCheck>(IngestorHealthCheck.Name);

        builder.AddWarehouse();
        services.AddSingleton<Migrator>();
        services.AddSingleton<RetryingInserter>();
        services.AddSingleton<KnownGoodRow>();
        services.AddSingleton<FaultIsolation>();
        services.AddSingleton<BatchWriter>();
        builder.AddEventStream();
        services.AddSingleton<Batcher>();
        builder.AddStream(StreamTarget.Events);
        builder.AddStream(StreamTarget.LateEvents, LatePollInterval);
        builder.AddStream(StreamTarget.Rejections);
        builder.AddStream(StreamTarget.Received);
        builder.AddStream(StreamTarget.Events with { Subscription = Streams.EventsDeadLetterSubscription }, DeadLetterPollInterval);
        builder.AddStream(StreamTarget.Rejections with { Subscription = Streams.RejectionsDeadLetterSubscription }, DeadLetterPollInterval);
        builder.AddStream(StreamTarget.Received with { Subscription = Streams.ReceivedDeadLetterSubscription }, DeadLetterPollInterval);
        services.AddHostedService<IngestorWorker>();
        return builder;
    }

    /// <summary>
    /// Allows more than Google's default of 1,000 messages. Messages of single events are held for half a second, and 1,000 of them arrive in a
    /// tenth of a second.
    /// </summary>
    private static void AddEventStream(this IHostApplicationBuilder builder)
    {
        // Registered before the section is bound, so that configuration overrides it.
        builder.Services.Configure<PubSubOptions>(options => options.Subscriber.MaxOutstandingMessages = 10_000);
        builder.AddPubSub();
    }

    private static void AddStream(this IHostApplicationBuilder builder, StreamTarget target, TimeSpan? pollInterval = null)
    {
        builder.AddSubscriber(target.Subscription, pollInterval);
        builder.Services.AddSingleton(provider => ActivatorUtilities.CreateInstance<StreamWorker>(
            provider, target, provider.GetRequiredKeyedService<Subscriber>(target.Subscription)));
    }
}
