using System.Diagnostics;
using System.Globalization;
using SegOps.Contracts;
using SegOps.PubSub.Subscribing;
using SegOps.Warehouse;

namespace SegOps.Ingestor.Streaming;

/// <summary>A received message whose form and completeness have been checked.</summary>
internal sealed class Delivery
{
    /// <summary>Checks <paramref name="message"/>. Its consumer span <paramref name="processing"/> ends with the delivery.</summary>
    public Delivery(ReceivedMessage message, Activity? processing = null)
        : this(message, processing, Inspect(message))
    {
    }

    private Delivery(ReceivedMessage message, Activity? processing, (int Rows, long Bytes, Fault? Fault) content)
    {
        Message = message;
        Processing = processing;
        (Rows, Bytes, Fault) = content;
    }

    /// <summary>Creates a delivery of a dead-letter topic. Its data are not read, because they may be what ended its readers.</summary>
    public static Delivery OfDeadLetter(ReceivedMessage message, Activity? processing = null) =>
        new(message, processing, (0, message.Data.Length, new(DeadLetterCodes.DeliveryAttemptsExhausted, "Pub/Sub delivered the message too often without an ack.")));

    /// <summary>The message, with its lease.</summary>
    public ReceivedMessage Message { get; }

    /// <summary>The span from receipt to ack; null without a listener.</summary>
    public Activity? Processing { get; }

    /// <summary>Rows in the message; 0 if it has a <see cref="Fault"/>.</summary>
    public int Rows { get; }

    /// <summary>Bytes for the batch's limit: uncompressed rows, or the received data if it has a <see cref="Fault"/>.</summary>
    public long Bytes { get; }

    /// <summary>The reason for which the message cannot be read; null if it can.</summary>
    public Fault? Fault { get; }

    /// <summary>The request's time of receipt in the message, if any.</summary>
    public DateTimeOffset? RequestReceivedAt =>
        DateTimeOffset.TryParse(Attribute(MessageAttributes.ReceivedAt), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at
            : null;

    /// <summary>The value of an attribute; empty if absent.</summary>
    public string Attribute(string name) => Message.Attributes.GetValueOrDefault(name, "");

    /// <summary>Acks the message. All its rows are stored, in their table or in dead_letters.</summary>
    public void Ack(bool isDeadLettered)
    {
        Message.Ack();
        if (isDeadLettered)
            Processing?.SetStatus(ActivityStatusCode.Error, "dead-lettered");
        Processing?.Dispose();
    }

    /// <summary>Nacks the message.</summary>
    public void Nack()
    {
        Message.Nack();
        Processing?.SetStatus(ActivityStatusCode.Error, "returned");
        Processing?.Dispose();
    }

    private static (int Rows, long Bytes, Fault? Fault) Inspect(ReceivedMessage message)
    {
        (int, long, Fault?) Faulty(string code, string reason) => (0, message.Data.Length, new Fault(code, reason));

        var schema = message.Attributes.GetValueOrDefault(MessageAttributes.Schema);
        if (schema != MessageAttributes.CurrentSchema)
            return Faulty("unknown_schema", $"The attribute {MessageAttributes.Schema} is not {MessageAttributes.CurrentSchema}.");
        if (message.Attributes.GetValueOrDefault(MessageAttributes.ContentEncoding) != MessageAttributes.Zstd)
            return Faulty("unknown_encoding", $"The attribute {MessageAttributes.ContentEncoding} is not {MessageAttributes.Zstd}.");
        try
        {
            var (rows, bytes) = RowData.Measure(message.Data);
            var count = message.Attributes.GetValueOrDefault(MessageAttributes.Count);
            return rows > 0 && count == rows.ToString(CultureInfo.InvariantCulture)
                ? (rows, bytes, null)
                : Faulty("count_mismatch", $"The attribute {MessageAttributes.Count} does not match the {rows} rows of the message.");
        }
        catch (InvalidDataException exception)
        {
            return Faulty("corrupt_data", exception.Message);
        }
    }
}
