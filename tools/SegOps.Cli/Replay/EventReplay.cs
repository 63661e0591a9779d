using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using SegOps.Contracts;
using SegOps.Warehouse;

namespace SegOps.Cli.Replay;

/// <summary>
/// Publishes stored events again in order of receipt, so that an interrupted replay is complete up to a time. They take the lane of
/// late events, because they can be of any month. The rows are identical, so that each copy replaces its original.
/// </summary>
internal sealed class EventReplay(WarehouseQueries warehouse, IServiceProvider services, ReplayConsole console, TimeProvider time)
{
    /// <summary>Rows in a page. With the largest payloads (32 KB), a page has 160 MB.</summary>
    private const int PageRows = 5_000;

    private const string Range = $$"""
        FROM {{Table}}
        WHERE {{QueryValues.OfProject}}
            AND {{EventColumns.ReceivedAt}} >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
            AND {{EventColumns.ReceivedAt}} < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
        """;

    // Unmerged copies count once. GROUP BY can spill to disk, whereas a set of ids needs memory for the whole range.
    private const string Count = $$"""
        SELECT count() FROM
        (
            SELECT 1 {{Range}} GROUP BY {{EventColumns.ReceivedAt}}, {{EventColumns.EventId}}
        )
        SETTINGS max_bytes_before_external_group_by = 500000000
        """;

    private const string Table = "events";
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string Page = $$"""
        SELECT {{string.Join(", ", StreamTarget.Events.Columns.Select(column => $"toString({column})"))}},
            toUnixTimestamp64Micro({{EventColumns.ReceivedAt}}) AS received
        {{Range}}
            AND ({{EventColumns.ReceivedAt}}, {{EventColumns.EventId}}) > (fromUnixTimestamp64Micro({from:Int64}, 'UTC'), toUUID({after:String}))
        ORDER BY {{EventColumns.ReceivedAt}}, {{EventColumns.EventId}}
        LIMIT 1 BY {{EventColumns.ReceivedAt}}, {{EventColumns.EventId}}
        LIMIT {{PageRows}}
        """;

    /// <summary>Publishes the events of <paramref name="request"/>.</summary>
    public async Task<int> RunAsync(ReplayEvents request, CancellationToken stop)
    {
        var from = QueryValues.Micros(request.From);
        var total = (await warehouse.ReadAsync(Count, Parameters(request, from), row => row.Number(0), stop))[0];
        if (request.DryRun)
        {
            await console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Would publish {total:N0} events."));
            return ReplayStatus.Done;
        }

        var progress = new ReplayProgress(console, time, total, showsStored: false);
        long published = 0;
        try
        {
            var after = Guid.Empty;
            while (await PageAsync(request, from, after, stop) is { Count: > 0 } page)
            {
                await services.GetRequiredService<RowPublisher>().PublishAsync(
                    StreamTarget.LateEvents, [.. page.Select(stored => stored.Row)],
                    count =>
                    {
                        progress.Published(count);
                        progress.Done(count);
                    },
                    stop);
                published += page.Count;
                (from, after) = (page[^1].ReceivedAt, page[^1].Row.Id);
            }
        }
        catch when (published > 0)
        {
            progress.WriteLine($"All events received before {Text(from)} are published. To continue, use --from {Text(from)}.");
            throw;
        }

        progress.End();
        await console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Published {published:N0} events."));
        return ReplayStatus.Done;
    }

    private Task<List<StoredRow>> PageAsync(ReplayEvents request, long from, Guid after, CancellationToken stop) =>
        warehouse.ReadAsync(Page, Parameters(request, from).With("after", after.ToString()), Read, stop);

    private static StoredRow Read(ClickHouseDataReader row)
    {
        var columns = StreamTarget.Events.Columns;
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line, Plain))
        {
            json.WriteStartObject();
            for (var i = 0; i < columns.Count; i++)
                if (!row.IsDBNull(i))
                    json.WriteString(columns[i], row.GetString(i));
            json.WriteEndObject();
        }

        line.WriteByte((byte)'\n');
        return new(
            new ReplayRow(row.GetString(0), row.GetString(1), Guid.Parse(row.GetString(2)), line.ToArray()), row.Number(columns.Count));
    }

    private static ClickHouseParameterCollection Parameters(ReplayEvents request, long from) => QueryValues
        .Project(request.Project, request.Environment)
        .With("from", from)
        .With("to", QueryValues.Micros(request.To));

    private static string Text(long micros) => CommonOptions.Text(QueryValues.Time(micros));

    /// <param name="Row">A stored event in the form that Ingestion publishes.</param>
    /// <param name="ReceivedAt">In microseconds since 1970.</param>
    private sealed record StoredRow(ReplayRow Row, long ReceivedAt);
}
