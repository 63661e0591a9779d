using System.Text.Json;
using System.Text.Json.Serialization;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Ledger;

/// <summary>
/// Copies what Ingestion counted from Redis, which keeps it for hours, to ClickHouse, which keeps it for days. Several instances may do the same:
/// the rows are equal and merge.
/// </summary>
internal sealed class ReceivedCopy(ReceivedMinutes received, WarehouseReader warehouse)
{
    private const string Table = "received_by_minute";

    /// <summary>Size of one insert, in bytes: some thousand rows, so that hours of many projects do not fill the memory.</summary>
    private const int MaxInsert = 1_000_000;

    private static readonly string[] Columns = [.. ReceivedJson.Default.ReceivedRow.Properties.Select(property => property.Name)];
    private Dictionary<string, double> _copied = [];

    /// <summary>Copies what has changed since the last pass that went through; the first one copies all.</summary>
    internal async Task PassAsync(CancellationToken cancellationToken)
    {
        var (copied, changes) = (_copied, await received.ChangesAsync());
        using var rows = new MemoryStream();
        foreach (var minute in changes.Where(change => copied.GetValueOrDefault(change.Key) != change.Value).Select(change => change.Key))
        {
            foreach (var row in await received.ReadAsync(minute))
            {
                JsonSerializer.Serialize(rows, row, ReceivedJson.Default.ReceivedRow);
                rows.WriteByte((byte)'\n');
            }

            if (rows.Length > MaxInsert)
                await InsertAsync(rows, cancellationToken);
        }

        await InsertAsync(rows, cancellationToken);
        _copied = changes;
    }

    private async Task InsertAsync(MemoryStream rows, CancellationToken cancellationToken)
    {
        if (rows.Length == 0)
            return;
        using (var body = new MemoryStream(rows.GetBuffer(), 0, (int)rows.Length, writable: false))
            await warehouse.InsertAsync(Table, Columns, body, cancellationToken);
        rows.SetLength(0);
    }
}

/// <summary>Serialisation of the table's rows.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ReceivedRow))]
internal sealed partial class ReceivedJson : JsonSerializerContext;
