using SegOps.AppHost.Resources.Redis;
using SegOps.Bench.Load;

namespace SegOps.Bench.Pipeline;

/// <summary>A kind of request: a single event, or a batch of a given size.</summary>
/// <param name="Events">Events in a request. 1 uses the path for single events.</param>
internal sealed record LoadKind(int Events)
{
    /// <summary>Number of events from which few connections and few bodies are enough.</summary>
    private const int Large = 100;

    /// <summary>Its name in tables.</summary>
    internal string Name => Events == 1 ? "single events" : $"batches of {Events}";

    /// <summary>Maximum of concurrent requests. Small requests need many, because an answer takes at least 10 ms.</summary>
    internal int Connections => Events >= Large ? 16 : 512;

    /// <summary>Encodes several different requests for the gateway.</summary>
    internal IReadOnlyList<ReadOnlyMemory<byte>> Requests(Uri gateway)
    {
        var path = Events == 1 ? "/api/ingestion/track/" : "/api/ingestion/track/batch/";
        return [.. Enumerable.Range(0, Events >= Large ? 16 : 500).Select(number =>
            (ReadOnlyMemory<byte>)HttpConnection.Request(gateway, path, DemoKeys.Enterprise.Key, Body(number)))];
    }

    private byte[] Body(int number) => Events == 1 ? EventBody.Single(number) : EventBody.Batch(Events, first: number * Events);
}
