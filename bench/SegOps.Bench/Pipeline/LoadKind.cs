using SegOps.AppHost.Resources.Redis;
using SegOps.Bench.Load;

namespace SegOps.Bench.Pipeline;

/// <summary>How events are sent: alone, or how many in a batch.</summary>
/// <param name="Events">Events of a request; 1 uses the path of single events.</param>
internal sealed record LoadKind(int Events)
{
    /// <summary>From this many events on, few requests keep everything busy, and few bodies hold many different users.</summary>
    private const int Large = 100;

    /// <summary>What tables call it.</summary>
    internal string Name => Events == 1 ? "single events" : $"batches of {Events}";

    /// <summary>Most requests under way at a time: an answer takes some 10 ms at least, for which small requests must not wait for each other.</summary>
    internal int Connections => Events >= Large ? 16 : 512;

    /// <summary>The bytes of requests for the gateway, several different ones.</summary>
    internal IReadOnlyList<ReadOnlyMemory<byte>> Requests(Uri gateway)
    {
        var path = Events == 1 ? "/api/ingestion/track/" : "/api/ingestion/track/batch/";
        return [.. Enumerable.Range(0, Events >= Large ? 16 : 500).Select(number =>
            (ReadOnlyMemory<byte>)HttpConnection.Request(gateway, path, DemoKeys.Enterprise.Key, Body(number)))];
    }

    private byte[] Body(int number) => Events == 1 ? EventBody.Single(number) : EventBody.Batch(Events, first: number * Events);
}
