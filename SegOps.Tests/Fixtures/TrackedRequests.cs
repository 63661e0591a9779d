using System.Text;
using ClickHouse.Driver.ADO;
using SegOps.Contracts;
using SegOps.Ingestion.Parsing;
using SegOps.PubSub.Publishing;
using SegOps.Warehouse;

namespace SegOps.Tests.Fixtures;

/// <summary>Stores requests as the services do: Ingestion's parser writes their rows, the ingestor's insert stores them.</summary>
internal static class TrackedRequests
{
    /// <summary>Stores the events of one request, which must all be valid.</summary>
    public static async Task TrackAsync(
        this WarehouseTables tables, string project, DateTimeOffset receivedAt, string[] events, string environment = Environments.Live)
    {
        var isBatch = events.Length > 1;
        var body = isBatch ? $$"""{"events":[{{string.Join(',', events)}}]}""" : events[0];
        using var parsed = TrackParser.Parse(Encoding.UTF8.GetBytes(body), new(project, environment, Guid.NewGuid(), receivedAt), isBatch).Request!;
        Assert.Equal((events.Length, 0), (parsed.Accepted, parsed.Rejected));
        using var http = new WarehouseHttpClient();
        await new ClickHouseInserter(http, new ClickHouseClientSettings(tables.ConnectionString)).InsertAsync(
            StreamTarget.Events.Table, StreamTarget.Events.Columns,
            new InsertBody([new MessageCompressor().Compress(parsed.Rows)], MessageAttributes.Zstd), TestContext.Current.CancellationToken);
    }
}
