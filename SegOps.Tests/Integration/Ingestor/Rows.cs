using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using SegOps.Contracts;

namespace SegOps.Tests.Integration.Ingestor;

/// <summary>Rows as Ingestion writes them.</summary>
internal static class Rows
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Event(
        string user = "user-1",
        string type = "page_viewed",
        string occurredAt = "2026-01-02 03:04:05.000006",
        string receivedAt = "2026-01-02 03:04:06.000000",
        string payload = "{}",
        Guid? id = null,
        Action<JsonObject>? change = null)
    {
        var row = new JsonObject
        {
            [EventColumns.ProjectId] = "prj_1",
            [EventColumns.Environment] = Environments.Live,
            [EventColumns.EventId] = (id ?? Guid.NewGuid()).ToString(),
            [EventColumns.EventType] = type,
            [EventColumns.UserId] = user,
            [EventColumns.OccurredAt] = occurredAt,
            [EventColumns.ReceivedAt] = receivedAt,
            [EventColumns.RequestId] = Guid.NewGuid().ToString(),
            [EventColumns.Payload] = payload,
        };
        change?.Invoke(row);
        return row.ToJsonString(Plain);
    }

    public static string Identify(string user, string traits, string occurredAt, string receivedAt = "2026-01-02 03:04:06.000000") =>
        Event(user, "context_identified", occurredAt, receivedAt, traits);

    public static string Counts(int accepted, Guid? id = null) => new JsonObject
    {
        [ReceivedColumns.Minute] = "2026-01-02 03:04:00",
        [ReceivedColumns.ReportId] = (id ?? Guid.NewGuid()).ToString(),
        [ReceivedColumns.Counts] = new JsonArray(new JsonArray("prj_1", Environments.Live, accepted, 0)),
    }.ToJsonString(Plain);

    public static string Rejection(string code, DateTimeOffset receivedAt) => new JsonObject
    {
        [IngestionErrorColumns.ProjectId] = "prj_1",
        [IngestionErrorColumns.Environment] = Environments.Live,
        [IngestionErrorColumns.ErrorId] = Guid.NewGuid().ToString(),
        [IngestionErrorColumns.RequestId] = Guid.NewGuid().ToString(),
        [IngestionErrorColumns.ReceivedAt] = receivedAt.UtcDateTime.ToString(EventColumns.TimestampFormat, System.Globalization.CultureInfo.InvariantCulture),
        [IngestionErrorColumns.Severity] = Severities.Error,
        [IngestionErrorColumns.Code] = code,
        [IngestionErrorColumns.Field] = "user_id",
        [IngestionErrorColumns.Message] = "user_id is required.",
        [IngestionErrorColumns.EventIndex] = 3,
        [IngestionErrorColumns.Occurrences] = 1,
    }.ToJsonString(Plain);
}
