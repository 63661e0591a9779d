using System.Text.Json;
using BenchmarkDotNet.Attributes;
using SegOps.Bench.Load;
using SegOps.Contracts;
using SegOps.Ingestion.Parsing;
using SegOps.Ingestion.Requests;
using SegOps.PubSub.Publishing;

namespace SegOps.Bench.Ingest;

/// <summary>Measures Ingestion's work on a batch of events against reading the tokens of the same bytes.</summary>
[MemoryDiagnoser]
public class IngestBenchmarks
{
    /// <summary>Events in a batch: the maximum of a request.</summary>
    internal const int Events = EventLimits.MaxBatchEvents;

    private static readonly RequestMetadata Metadata = new("project_1", Environments.Live, Guid.CreateVersion7(), TimeProvider.System.GetUtcNow());
    private readonly byte[] _body = EventBody.Batch(Events);
    private readonly MessageCompressor _compressor = new();

    /// <summary>Average bytes of an event.</summary>
    internal double BytesPerEvent => (double)_body.Length / Events;

    /// <summary>Reads every token and discards it.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Events)]
    public int Walk()
    {
        var reader = new Utf8JsonReader(_body);
        var tokens = 0;
        while (reader.Read())
            tokens++;
        return tokens;
    }

    /// <summary>Validates the events and writes the rows for ClickHouse.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public int Validate()
    {
        using var parsed = TrackParser.Parse(_body, Metadata, isBatch: true).Request!;
        return parsed.Accepted;
    }

    /// <summary>Validates the events and compresses the rows into a message.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public int ValidateAndCompress()
    {
        using var parsed = TrackParser.Parse(_body, Metadata, isBatch: true).Request!;
        return _compressor.Compress(parsed.Rows).Length;
    }
}
