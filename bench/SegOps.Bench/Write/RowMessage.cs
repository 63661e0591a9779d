using SegOps.Bench.Load;
using SegOps.Contracts;
using SegOps.Ingestion.Parsing;
using SegOps.Ingestion.Publishing;
using SegOps.Ingestion.Requests;
using SegOps.PubSub.Publishing;

namespace SegOps.Bench.Write;

/// <summary>A message as Ingestion publishes it: the compressed rows of one request.</summary>
internal sealed record RowMessage(byte[] Data, Dictionary<string, string> Attributes)
{
    /// <summary>Rows in a message.</summary>
    internal const int Rows = EventLimits.MaxBatchEvents;

    private static readonly byte[][] Bodies = [.. Enumerable.Range(0, 16).Select(number => EventBody.Batch(Rows, first: number * Rows))];
    private static readonly MessageCompressor Compressor = new();

    /// <summary>Creates messages with new events, distributed over <paramref name="projects"/> projects.</summary>
    internal static IReadOnlyList<RowMessage> Make(int count, int projects) => [.. Enumerable.Range(0, count).Select(number =>
    {
        var metadata = new RequestMetadata($"project_{number % projects}", Environments.Live, Guid.CreateVersion7(), TimeProvider.System.GetUtcNow());
        using var parsed = TrackParser.Parse(Bodies[number % Bodies.Length], metadata, isBatch: true).Request!;
        return new RowMessage(Compressor.Compress(parsed.Rows), EventPublisher.Attributes(metadata, parsed.Accepted));
    })];
}
