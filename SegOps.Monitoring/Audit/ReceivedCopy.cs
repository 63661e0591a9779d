using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Redis;
using SegOps.Warehouse;
using StackExchange.Redis;

namespace SegOps.Monitoring.Audit;

/// <summary>
/// Copies Ingestion's counts from Redis, which keeps them for hours, to ClickHouse, which keeps them for days. Several instances can copy the
/// same counts: the rows are equal and merge.
/// </summary>
internal sealed class ReceivedCopy(ReceivedMinutes received, WarehouseReader warehouse)
{
    private const string Table = "received_by_minute";

    /// <summary>Maximum bytes per insert, some thousand rows, to limit memory.</summary>
    private const int MaxInsert = 1_000_000;

    private static readonly string[] Columns = [.. ReceivedJson.Default.ReceivedRow.Properties.Select(property => property.Name)];
    private Dictionary<string, double> _copied = [];

    /// <summary>Copies changes since the last successful pass. The first pass copies everything.</summary>
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

/// <summary>The counts of an instance of Ingestion for a minute and project: a row of the table <c>received_by_minute</c>.</summary>
internal sealed record ReceivedRow(string ProjectId, string Environment, long Minute, string Instance, long Accepted, long Rejected);

/// <summary>Reads Ingestion's counts from Redis; see <see cref="ReceivedFields"/>.</summary>
internal sealed class ReceivedMinutes(RedisConnection redis)
{
    /// <summary>All minutes in Redis, at most some hundreds, with the times of their last changes.</summary>
    internal async Task<Dictionary<string, double>> ChangesAsync()
    {
        var changes = await redis.RunAsync(database => database.SortedSetRangeByScoreWithScoresAsync(RedisKeys.ReceivedChanges));
        return changes.ToDictionary(change => change.Element.ToString(), change => change.Score);
    }

    /// <summary>All counts of <paramref name="minute"/>.</summary>
    internal async Task<IEnumerable<ReceivedRow>> ReadAsync(string minute)
    {
        if (!DateTimeOffset.TryParseExact(minute, ReceivedFields.MinuteFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
            return [];
        var fields = await redis.RunAsync(database => database.HashGetAllAsync(RedisKeys.Received(minute)));
        return fields.Select(field => Row(at.ToUnixTimeSeconds(), field)).OfType<ReceivedRow>();
    }

    private static ReceivedRow? Row(long minute, HashEntry field) =>
        ReceivedFields.Parse(field.Name!) is var (instance, environment, project)
            && ReceivedFields.ParseValue(field.Value.ToString()) is var (accepted, rejected)
                ? new(project, environment, minute, instance, accepted, rejected) : null;
}
