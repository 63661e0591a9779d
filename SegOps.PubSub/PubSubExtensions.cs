using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace SegOps.PubSub;

/// <summary>Adds Google Pub/Sub, the real service or its emulator.</summary>
public static class PubSubExtensions
{
    /// <summary>Adds the connection, its validated options, the topology's creation in development and the health check <c>event_stream</c>.</summary>
    public static IHostApplicationBuilder AddPubSub(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<EventStreamProbe>();
        return builder;
    }

    /// <summary>Adds a <see cref="Publisher"/> to <paramref name="topic"/> as a singleton with the topic's short name as its key.</summary>
    public static IHostApplicationBuilder AddPublisher(this IHostApplicationBuilder builder, string topic)
    {
        builder.Services.AddKeyedSingleton<Publisher>(topic);
        return builder;
    }

    /// <summary>Adds a <see cref="Subscriber"/> of <paramref name="subscription"/> as a singleton with the subscription's short name as its key.</summary>
    public static IHostApplicationBuilder AddSubscriber(this IHostApplicationBuilder builder, string subscription)
    {
        builder.Services.AddKeyedSingleton<Subscriber>(subscription);
        return builder;
    }
}
