using SegOps.Contracts;
using SegOps.PubSub;
using SegOps.PubSub.Configuration;
using SegOps.PubSub.Publishing;
using SegOps.ServiceDefaults.Configuration;

namespace SegOps.Ingestion.Publishing;

/// <summary>Adds the way to Pub/Sub.</summary>
internal static class PublishingExtensions
{
    /// <summary>
    /// Default of <c>PubSub:Publisher:MessageDeadline</c> here: the longest wait for a confirmation before a client is told 503, which
    /// is promised within two seconds.
    /// </summary>
    private static readonly TimeSpan PublishDeadline = TimeSpan.FromSeconds(1.8);

    /// <summary>Adds both topics' publishers and what fills them. Hosted services stop in reverse order: rejections drain before Pub/Sub ends.</summary>
    public static IHostApplicationBuilder AddPublishing(this IHostApplicationBuilder builder)
    {
        builder.Services.Configure<PubSubOptions>(options => options.Publisher.MessageDeadline = PublishDeadline);
        builder.AddPubSub();
        builder.AddPublisher(Streams.EventsTopic);
        builder.AddPublisher(Streams.RejectionsTopic);
        builder.Services.AddValidatedOptions<RejectionOptions>(RejectionOptions.Section);
        builder.Services.AddSingleton<MessageCompressor>();
        builder.Services.AddSingleton<EventPublisher>();
        builder.Services.AddSingleton<RejectionQueue>();
        builder.Services.AddHostedService(services => services.GetRequiredService<RejectionQueue>());
        return builder;
    }
}
