using System.Text;
using SegOps.Contracts;
using SegOps.Ingestor.Streaming;
using SegOps.PubSub.Subscribing;
using ZstdSharp;

namespace SegOps.Tests.Unit.Ingestor;

/// <summary>Messages as Ingestion would send them.</summary>
internal static class Messages
{
    public static ReadOnlyMemory<byte> Pack(params IEnumerable<string> rows)
    {
        using var compressor = new Compressor();
        return compressor.Wrap(Encoding.UTF8.GetBytes(string.Concat(rows.Select(row => row + "\n")))).ToArray();
    }

    public static Dictionary<string, string> Attributes(int count) => new()
    {
        [MessageAttributes.Schema] = MessageAttributes.CurrentSchema,
        [MessageAttributes.Project] = "prj_1",
        [MessageAttributes.Environment] = Environments.Live,
        [MessageAttributes.Count] = $"{count}",
        [MessageAttributes.RequestId] = Guid.NewGuid().ToString(),
        [MessageAttributes.ReceivedAt] = "2026-01-02T03:04:05.000006Z",
        [MessageAttributes.ContentEncoding] = MessageAttributes.Zstd,
    };

    public static Delivery Deliver(ReadOnlyMemory<byte> data, Dictionary<string, string> attributes) =>
        new(new ReceivedMessage("1", data, attributes, deliveryAttempt: 1, traceParent: default, complete: (_, _) => { }));

    public static Delivery DeliverRows(int rows) => Deliver(Pack(Enumerable.Range(0, rows).Select(i => $"{{\"n\":{i}}}")), Attributes(rows));
}
