using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using SegOps.Contracts;
using SegOps.Warehouse;

namespace SegOps.Ingestor.Writing;

/// <summary>
/// Inserts a row that a table accepts unless the server or the schema is at fault. The row belongs to the canaries' project, which no customer's
/// figure includes. Each is unique, so that ClickHouse writes it instead of dropping it as a repetition.
/// </summary>
internal sealed class KnownGoodRow(RetryingInserter inserter, TimeProvider time)
{
    /// <summary>Completes when the table of <paramref name="target"/> accepts a row of at least <paramref name="minBytes"/>. Retries until then.</summary>
    /// <returns>Whether the first attempt was accepted.</returns>
    /// <exception cref="OperationCanceledException">Cancelled by <paramref name="cancellationToken"/>.</exception>
    public Task<bool> AcceptedAsync(StreamTarget target, int minBytes, CancellationToken cancellationToken) =>
        inserter.InsertUnrefusedAsync(target.Table, target.Columns, Of(target, minBytes, time.GetUtcNow()), cancellationToken);

    /// <summary>Creates a row. Its filler compresses badly, so that the row takes at least as much space as a real one of this size.</summary>
    internal static InsertBody Of(StreamTarget target, int minBytes, DateTimeOffset now)
    {
        var time = now.UtcDateTime.ToString(EventColumns.TimestampFormat, CultureInfo.InvariantCulture);
        var filler = RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", Math.Max(1, minBytes));
        using var row = new MemoryStream();
        using (var json = new Utf8JsonWriter(row))
        {
            json.WriteStartObject();
            json.WriteString(target.IdColumn, Guid.CreateVersion7(now));
            if (target.IsOfProjects)
            {
                json.WriteString(EventColumns.ProjectId, Canary.ProjectId);
                json.WriteString(EventColumns.Environment, Contracts.Environments.Test);
                json.WriteString(EventColumns.RequestId, Guid.CreateVersion7(now));
                json.WriteString(EventColumns.ReceivedAt, time);
            }
            if (target.Table == StreamTarget.Events.Table)
                WriteEvent(json, time, filler);
            else if (target.Table == StreamTarget.Received.Table)
                WriteCounts(json, now, filler);
            else
                WriteError(json, filler);
            json.WriteEndObject();
        }

        row.WriteByte((byte)'\n');
        return new InsertBody([row.ToArray()], encoding: null);
    }

    private static void WriteEvent(Utf8JsonWriter json, string time, string filler)
    {
        json.WriteString(EventColumns.EventType, Canary.EventType);
        json.WriteString(EventColumns.UserId, Canary.UserId);
        json.WriteString(EventColumns.OccurredAt, time);
        json.WriteString(EventColumns.Payload, $$"""{"filler":"{{filler}}"}""");
    }

    private static void WriteCounts(Utf8JsonWriter json, DateTimeOffset now, string filler)
    {
        json.WriteString(ReceivedColumns.Minute, now.UtcDateTime.ToString(ReceivedColumns.MinuteFormat, CultureInfo.InvariantCulture));
        json.WriteStartArray(ReceivedColumns.Counts);
        json.WriteStartArray();
        json.WriteStringValue(Canary.ProjectId);
        json.WriteStringValue(filler);
        json.WriteNumberValue(0);
        json.WriteNumberValue(0);
        json.WriteEndArray();
        json.WriteEndArray();
    }

    private static void WriteError(Utf8JsonWriter json, string filler)
    {
        json.WriteString(IngestionErrorColumns.Severity, Severities.Warning);
        json.WriteString(IngestionErrorColumns.Code, Canary.EventType);
        json.WriteString(IngestionErrorColumns.Field, "");
        json.WriteString(IngestionErrorColumns.Message, filler);
        json.WriteNumber(IngestionErrorColumns.EventIndex, 0);
        json.WriteNumber(IngestionErrorColumns.Occurrences, 1);
    }
}
