using System.Globalization;
using SegOps.Contracts;
using SegOps.Ingestion.Receipts;
using SegOps.Ingestion.Track;
using SegOps.PubSub.Publishing;

namespace SegOps.Ingestion.Publishing;

/// <summary>Publishes a request's valid events as one message: all of them or none.</summary>
internal sealed class EventPublisher([FromKeyedServices(Streams.EventsTopic)] Publisher publisher, MessageCompressor compressor, ReceiptWriter receipts)
{
    /// <summary>Completes when Pub/Sub confirmed the message.</summary>
    /// <exception cref="PublishException">It did not in the time that <see cref="PublishingExtensions"/> gives it.</exception>
    public Task PublishAsync(ParsedRequest parsed)
    {
        var publishing = publisher.PublishAsync(
            new OutgoingMessage(compressor.Compress(parsed.Rows.Rows), Attributes(parsed.Stamp, parsed.Accepted)), CancellationToken.None);
        receipts.Remember(parsed.Stamp, parsed.EventIds, publishing);
        return publishing;
    }

    /// <summary>The attributes of a message that holds <paramref name="count"/> rows of one request.</summary>
    public static Dictionary<string, string> Attributes(RequestStamp stamp, int count)
    {
        var attributes = MessageAttributes.Of(stamp.ProjectId, stamp.Environment, count);
        attributes[MessageAttributes.RequestId] = stamp.RequestId.ToString();
        attributes[MessageAttributes.ReceivedAt] = stamp.ReceivedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        return attributes;
    }
}
