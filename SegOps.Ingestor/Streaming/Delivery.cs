using System.Diagnostics;
using System.Globalization;
using SegOps.Contracts;
using SegOps.PubSub.Subscribing;
using SegOps.Warehouse;

namespace SegOps.Ingestor.Streaming;

/// <summary>A received message that has been checked: whether it is in our form and complete.</summary>
internal sealed class Delivery
{
    /// <summary>Checks <paramref name="message"/>. Its consumer span <paramref name="processing"/> ends with the delivery.</summary>
    public Delivery(ReceivedMessage message, Activity? processing = null)
    {
        Message = message;
        Processing = processing;
        (Rows, Bytes, Fault) = Inspect(message);
    }

    /// <summary>The message, with its lease.</summary>
    public ReceivedMessage Message { get; }

    /// <summary>The span from receipt to ack; null when nobody listens.</summary>
    public Activity? Processing { get; }

    /// <summary>Rows in the message; 0 when it has a <see cref="Fault"/>.</summary>
    public int Rows { get; }

    /// <summary>Bytes to count against a batch: unpacked rows, or the data as it came when it has a <see cref="Fault"/>.</summary>
    public long Bytes { get; }

    /// <summary>Why the message cannot be read; null when it can.</summary>
    public Fault? Fault { get; }

    /// <summary>When Ingestion received the request, as the message says; null when it does not.</summary>
    public DateTimeOffset? RequestReceivedAt =>
        DateTimeOffset.TryParse(Attribute(MessageAttributes.ReceivedAt), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at
            : null;

    /// <summary>Value of an attribute; empty when absent.</summary>
    public string Attribute(string name) => Message.Attributes.GetValueOrDefault(name, "");

    /// <summary>Everything in the message is stored, in its table or in dead_letters.</summary>
    public void Ack(bool isDeadLettered)
    {
        Message.Ack();
        if (isDeadLettered)
            Processing?.SetStatus(ActivityStatusCode.Error, "dead-lettered");
        Processing?.Dispose();
    }

    /// <summary>The message goes back to Pub/Sub.</summary>
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
                : Faulty("count_mismatch", $"The attribute {MessageAttributes.Count} does not match the {rows} rows that the message holds.");
        }
        catch (InvalidDataException exception)
        {
            return Faulty("corrupt_data", exception.Message);
        }
    }
}
