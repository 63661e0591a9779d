using System.Text.Json;
using System.Text.Json.Serialization;
using SegOps.Monitoring.Warehouse;

namespace SegOps.Monitoring.Ledger;

/// <summary>
/// Copies what Ingestion counted from Redis, which keeps it for hours, to ClickHouse, which keeps it for days. Several instances may do the same:
/// the rows are equal and merge.
/// </summary>
internal sealed class ReceivedCopy(ReceivedMinutes received, WarehouseReader warehouse)
{
    private const string Table = "received_by_minute";
    private static readonly string[] Columns = [.. ReceivedJson.Default.ReceivedRow.Properties.Select(property => property.Name)];
    private double _last;

    /// <summary>Copies what has changed since the last pass that went through; the first one copies all.</summary>
    internal async Task PassAsync(CancellationToken cancellationToken)
    {
        var (minutes, last) = await received.ChangedAsync(_last);
        foreach (var minute in minutes)
        {
            using var rows = new MemoryStream();
            foreach (var row in await received.ReadAsync(minute))
            {
                JsonSerializer.Serialize(rows, row, ReceivedJson.Default.ReceivedRow);
                rows.WriteByte((byte)'\n');
            }

            if (rows.Length == 0)
                continue;
            rows.Position = 0;
            await warehouse.InsertAsync(Table, Columns, rows, cancellationToken);
        }

        _last = last;
    }
}

/// <summary>Serialisation of the table's rows.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ReceivedRow))]
internal sealed partial class ReceivedJson : JsonSerializerContext;
