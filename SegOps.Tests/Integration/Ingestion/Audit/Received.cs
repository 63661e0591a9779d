using System.Text.Json;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.PubSub;
using ZstdSharp;

namespace SegOps.Tests.Integration.Ingestion.Audit;

/// <summary>What Pub/Sub was sent of a project's received events, each report once.</summary>
internal sealed class Received(FakePubSub stream)
{
    /// <summary>Accepted and rejected, of all minutes and instances.</summary>
    public (long Accepted, long Rejected) Read(string project)
    {
        var counts = Messages()
            .SelectMany(rows => rows)
            .DistinctBy(row => row.GetProperty(ReceivedColumns.ReportId).GetGuid())
            .SelectMany(row => row.GetProperty(ReceivedColumns.Counts).EnumerateArray())
            .Where(count => count[0].GetString() == project)
            .ToList();
        return (counts.Sum(count => count[2].GetInt64()), counts.Sum(count => count[3].GetInt64()));
    }

    /// <summary>The entries of each message.</summary>
    public List<int> Entries() => [.. Messages().Select(rows => rows.Sum(row => row.GetProperty(ReceivedColumns.Counts).GetArrayLength()))];

    /// <summary>The rows of each message.</summary>
    private List<List<JsonElement>> Messages()
    {
        using var decompressor = new Decompressor();
        return
        [
            .. stream.Publishes.Where(call => call.Topic.EndsWith(Streams.ReceivedTopic, StringComparison.Ordinal))
                .SelectMany(call => call.Messages)
                .Select(message => System.Text.Encoding.UTF8.GetString(decompressor.Unwrap(message.Data.Span)).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                    .Select(row => JsonElement.Parse(row)).ToList()),
        ];
    }

    /// <summary>Waits until it is so.</summary>
    public Task WaitForAsync(string project, long accepted, long rejected) =>
        Eventually.IsAsync((accepted, rejected), () => Task.FromResult(Read(project)));
}
