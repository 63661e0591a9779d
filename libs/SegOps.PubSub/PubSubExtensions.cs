using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.PubSub.Configuration;
using SegOps.PubSub.Connection;
using SegOps.PubSub.Publishing;
using SegOps.PubSub.Subscribing;
using SegOps.PubSub.Telemetry;
using SegOps.PubSub.Topology;
using SegOps.ServiceDefaults.Configuration;

namespace SegOps.PubSub;

/// <summary>Adds Google Pub/Sub, the real service or its emulator.</summary>
public static class PubSubExtensions
{
    /// <summary>Name of the health check.</summary>
    public const string HealthCheck = "event_stream";

    /// <summary>
    /// Adds the connection (<c>ConnectionStrings:pubsub</c> or <c>PUBSUB_EMULATOR_HOST</c>), the validated <see cref="PubSubOptions"/>, the
    /// topology's creation in development, <see cref="EventStreamProbe"/> and its health check. A second call changes nothing.
    /// </summary>
    public static IHostApplicationBuilder AddPubSub(this IHostApplicationBuilder builder)
    {
        Usage(builder);
        return builder;
    }

    /// <summary>Adds a <see cref="Publisher"/> to <paramref name="topic"/> as a singleton with the topic's short name as its key.</summary>
    public static IHostApplicationBuilder AddPublisher(this IHostApplicationBuilder builder, string topic)
    {
        Usage(builder).AddTopic(topic);
        builder.Services.AddKeyedSingleton(topic, (services, _) => new Publisher(
            topic,
            services.GetRequiredService<PubSubClient>(),
            services.GetRequiredService<TopologyInitializer>(),
            services.GetRequiredService<IOptions<PubSubOptions>>(),
            services.GetRequiredService<PubSubTelemetry>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<Publisher>>()));
        return builder;
    }

    /// <summary>Adds a <see cref="Subscriber"/> of <paramref name="subscription"/> as a singleton with the subscription's short name as its key.</summary>
    /// <param name="builder">The service.</param>
    /// <param name="subscription">Short name.</param>
    /// <param name="pollInterval">Replaces <see cref="SubscriberOptions.PollInterval"/> where messages are rare.</param>
    public static IHostApplicationBuilder AddSubscriber(this IHostApplicationBuilder builder, string subscription, TimeSpan? pollInterval = null)
    {
        Usage(builder).AddSubscription(subscription);
        if (subscription == Streams.EventsSubscription)
            builder.Services.AddHealthChecks().AddCheck<DeadLetterGrants>(DeadLetterGrants.Name);
        builder.Services.AddKeyedSingleton(subscription, (services, _) => new Subscriber(
            subscription,
            services.GetRequiredService<PubSubClient>(),
            services.GetRequiredService<TopologyInitializer>(),
            services.GetRequiredService<EventStreamProbe>(),
            services.GetRequiredService<IOptions<PubSubOptions>>(),
            services.GetRequiredService<PubSubTelemetry>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<Subscriber>>(),
            pollInterval));
        return builder;
    }

    private static PubSubUsage Usage(IHostApplicationBuilder builder)
    {
        if (builder.Services.FirstOrDefault(service => service.ServiceType == typeof(PubSubUsage))?.ImplementationInstance is PubSubUsage usage)
            return usage;

        usage = new PubSubUsage();
        builder.Services.AddSingleton(usage);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddValidatedOptions<PubSubOptions, PubSubOptionsValidator>(PubSubOptions.Section);
        builder.Services.AddSingleton<PubSubConnectionSettings>();
        builder.Services.AddSingleton<CredentialSource>(PubSubCredentials.ApplicationDefault);
        builder.Services.AddSingleton<PubSubTelemetry>();
        builder.Services.AddSingleton<TopologyInitializer>();
        builder.Services.AddSingleton(Client);
        builder.Services.AddSingleton(Probe);
        builder.Services.AddSingleton<DeadLetterGrants>();
        builder.Services.AddHostedService<TopologyService>();
        builder.Services.AddHealthChecks().AddCheck<EventStreamProbe>(HealthCheck);
        return usage;
    }

    private static PubSubClient Client(IServiceProvider services)
    {
        // Reading the options validates the connection together with all other settings.
        _ = services.GetRequiredService<IOptions<PubSubOptions>>().Value;
        var connection = services.GetRequiredService<PubSubConnectionSettings>().Connection!;
        return new(
            connection,
            connection.IsEmulator ? null : services.GetRequiredService<CredentialSource>()(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILoggerFactory>());
    }

    private static EventStreamProbe Probe(IServiceProvider services) => new(
        services.GetRequiredService<PubSubClient>(),
        services.GetRequiredService<TopologyInitializer>(),
        services.GetRequiredService<PubSubUsage>(),
        services.GetRequiredService<IOptions<PubSubOptions>>(),
        services.GetRequiredService<TimeProvider>());
}
