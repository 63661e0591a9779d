using System.Globalization;
using SegOps.Contracts;
using SegOps.Ingestion.Requests;
using SegOps.PubSub;
using SegOps.PubSub.Configuration;
using SegOps.PubSub.Publishing;
using SegOps.ServiceDefaults.Configuration;

namespace SegOps.Ingestion.Publishing;

/// <summary>Publishes a request's valid events as one message: all of them or none.</summary>
internal sealed class EventPublisher(
    [FromKeyedServices(Streams.EventsTopic)] Publisher publisher, [FromKeyedServices(Streams.LateEventsTopic)] Publisher late, MessageCompressor compressor)
{
    /// <summary>Maximum size of the compressed rows: that of a message, without more than its attributes take.</summary>
    private const int MaxRows = OutgoingMessage.MaxBytes - 16 * 1024;

    /// <summary>Compresses the valid events into a message.</summary>
    /// <returns>The message; or the error, which says how to split the request.</returns>
    public (OutgoingMessage Message, RequestError? Error) Compose(ParsedRequest parsed)
    {
        var rows = compressor.Compress(parsed.Rows);
        return (new(rows, Attributes(parsed.Metadata, parsed.Accepted)), rows.Length > MaxRows ? TooLarge(rows.Length, parsed.Accepted) : null);
    }

    /// <summary>
    /// Completes when Pub/Sub has confirmed the message. A request with a late event takes their lane as a whole: two messages could not be
    /// published both or not at all.
    /// </summary>
    /// <exception cref="PublishException">Pub/Sub did not confirm it within <see cref="PublishingExtensions.PublishDeadline"/>.</exception>
    public Task PublishAsync(ParsedRequest parsed, OutgoingMessage message) =>
        (parsed.HasLateEvents ? late : publisher).PublishAsync(message, CancellationToken.None);

    /// <summary>Suggests nine tenths of the share that would have fitted, because events differ in size.</summary>
    private static RequestError TooLarge(int bytes, int events) => new(ErrorCodes.BodyTooLarge, string.Create(CultureInfo.InvariantCulture,
        $"The events take {bytes} bytes in compressed form, and a message of the event stream takes {MaxRows}; nothing was accepted. Send them in two requests, or at most {Math.Max(1, (long)events * MaxRows * 9 / 10 / bytes)} like them in one."));

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
    /// Adds the topics' publishers, <see cref="RejectionQueue"/>, and <see cref="InFlightIds"/>, which uses the quota's connection to Redis.
    /// Hosted services stop in reverse order, so the rejections drain before Pub/Sub stops.
    /// </summary>
    public static IHostApplicationBuilder AddPublishing(this IHostApplicationBuilder builder)
    {
        builder.Services.Configure<PubSubOptions>(options => options.Publisher.MessageDeadline = PublishDeadline);
        builder.AddPubSub();
        builder.AddPublisher(Streams.EventsTopic);
        builder.AddPublisher(Streams.LateEventsTopic);
        builder.AddPublisher(Streams.RejectionsTopic);
        builder.Services.AddSingleton<MessageCompressor>();
        builder.Services.AddSingleton<EventPublisher>();
        builder.Services.AddValidatedOptions<RejectionOptions>(RejectionOptions.Section);
        builder.Services.AddSingleton<RejectionFold>();
        builder.Services.AddSingleton<RejectionQueue>();
        builder.Services.AddHostedService(services => services.GetRequiredService<RejectionQueue>());
        builder.Services.AddValidatedOptions<InFlightIdOptions>(InFlightIdOptions.Section);
        builder.Services.AddSingleton<InFlightIds>();
        return builder;
    }
}
