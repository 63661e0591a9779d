using System.Globalization;
using SegOps.Contracts;
using SegOps.Ingestion.Requests;
using SegOps.PubSub;
using SegOps.PubSub.Configuration;
using SegOps.PubSub.Publishing;
using SegOps.ServiceDefaults.Configuration;

namespace SegOps.Ingestion.Publishing;

/// <summary>Publishes a request's valid events as one message: all of them or none.</summary>
internal sealed class EventPublisher([FromKeyedServices(Streams.EventsTopic)] Publisher publisher, MessageCompressor compressor)
{
    /// <summary>Completes when Pub/Sub has confirmed the message.</summary>
    /// <exception cref="PublishException">Pub/Sub did not confirm it within <see cref="PublishingExtensions.PublishDeadline"/>.</exception>
    public Task PublishAsync(ParsedRequest parsed) => publisher.PublishAsync(
        new OutgoingMessage(compressor.Compress(parsed.Rows), Attributes(parsed.Metadata, parsed.Accepted)), CancellationToken.None);

    /// <summary>The attributes of a message with <paramref name="count"/> rows of a request.</summary>
    public static Dictionary<string, string> Attributes(RequestMetadata metadata, int count)
    {
        var attributes = MessageAttributes.Of(metadata.ProjectId, metadata.Environment, count);
        attributes[MessageAttributes.RequestId] = metadata.RequestId.ToString();
        attributes[MessageAttributes.ReceivedAt] = metadata.ReceivedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        return attributes;
    }
}

/// <summary>Adds publishing to Pub/Sub.</summary>
internal static class PublishingExtensions
{
    /// <summary>
    /// Default of <c>PubSub:Publisher:MessageDeadline</c> in Ingestion: the maximum wait for a confirmation before the answer 503.
    /// The promise is two seconds.
    /// </summary>
    internal static readonly TimeSpan PublishDeadline = TimeSpan.FromSeconds(1.8);

    /// <summary>
    /// Adds both topics' publishers, <see cref="RejectionQueue"/>, and <see cref="InFlightIds"/>, which uses the quota's connection to Redis.
    /// Hosted services stop in reverse order, so the rejections drain before Pub/Sub stops.
    /// </summary>
    public static IHostApplicationBuilder AddPublishing(this IHostApplicationBuilder builder)
    {
        builder.Services.Configure<PubSubOptions>(options => options.Publisher.MessageDeadline = PublishDeadline);
        builder.AddPubSub();
        builder.AddPublisher(Streams.EventsTopic);
        builder.AddPublisher(Streams.RejectionsTopic);
        builder.Services.AddSingleton<MessageCompressor>();
        builder.Services.AddSingleton<EventPublisher>();
        builder.Services.AddValidatedOptions<RejectionOptions>(RejectionOptions.Section);
        builder.Services.AddSingleton<RejectionQueue>();
        builder.Services.AddHostedService(services => services.GetRequiredService<RejectionQueue>());
        builder.Services.AddValidatedOptions<InFlightIdOptions>(InFlightIdOptions.Section);
        builder.Services.AddSingleton<InFlightIds>();
        return builder;
    }
}
