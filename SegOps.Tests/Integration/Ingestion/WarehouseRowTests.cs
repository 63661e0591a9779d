using System.Text;
using ClickHouse.Driver.ADO;
using CsCheck;
using SegOps.Contracts;
using SegOps.Ingestion.Parsing;
using SegOps.Ingestion.Requests;
using SegOps.PubSub.Publishing;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Unit.Ingestion;
using SegOps.Warehouse;

namespace SegOps.Tests.Integration.Ingestion;

public sealed class WarehouseRowTests(ClickHouseFixture clickHouse)
{
    private static readonly string[] Columns =
    [
        EventColumns.ProjectId, EventColumns.Environment, EventColumns.RequestId, EventColumns.ReceivedAt, EventColumns.SentAt,
        EventColumns.EventId, EventColumns.UserId, EventColumns.EventType, EventColumns.OccurredAt, EventColumns.Position, EventColumns.Payload,
    ];

    [Fact]
    public async Task Rows_InsertedAsTheIngestorDoes_EqualTheEventsSent()
    {
        using var tables = await clickHouse.NewTablesAsync();
        using var http = new WarehouseHttpClient();
        var inserter = new ClickHouseInserter(http, new ClickHouseClientSettings(tables.ConnectionString));

        await SentEvent.Valid.Array[200].SampleAsync(async sent =>
        {
            var metadata = Parse.Metadata with { RequestId = Guid.NewGuid() };
            var body = $$"""{"events":[{{string.Join(',', sent.Select(one => one.Json))}}],"sent_at":"2025-06-15T14:30:00.25+02:00"}""";
            using var parsed = TrackParser.Parse(Encoding.UTF8.GetBytes(body), metadata, isBatch: true).Request!;

            await inserter.InsertAsync(
                "events", Columns, new InsertBody([new MessageCompressor().Compress(parsed.Rows)], MessageAttributes.Zstd), CancellationToken.None);

            Assert.Equal(
                sent.Select(one => one.Stored).OrderBy(one => one.EventId, StringComparer.Ordinal),
                await StoredAsync(tables.ConnectionString, metadata));
        }, iter: 10, threads: 1);
    }

    /// <summary>What the table holds of a request, by event id.</summary>
    private static async Task<List<StoredEvent>> StoredAsync(string connectionString, RequestMetadata metadata)
    {
        await using var connection = new ClickHouseConnection(connectionString);
        await using var command = connection.CreateCommand();
        command.CommandText = $"""
            SELECT user_id, event_type, toString(event_id) AS id, toString(occurred_at), payload
            FROM events
            WHERE request_id = '{metadata.RequestId}' AND project_id = 'proj "1"' AND environment = 'live'
                AND toString(received_at) = '2025-06-15 12:30:45.123456' AND toString(sent_at) = '2025-06-15 12:30:00.250000'
            ORDER BY id
            """;
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var stored = new List<StoredEvent>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            stored.Add(new(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4)));
        return stored;
    }
}
