using System.Text.Json;
using SegOps.Contracts;
using SegOps.InternalApi;
using SegOps.Segments.Membership;
using SegOps.Segments.Store;
using SegOps.ServiceDefaults.Redis;
using SegOps.Warehouse;

namespace SegOps.Segments.Api;

/// <summary><c>GET /api/segments/{id}/changes?cursor=&amp;wait=&amp;limit=</c>: who entered and who left, as one answer or as lines of JSON.</summary>
internal static class ChangesEndpoint
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;
    private const int MaxWaitSeconds = 30;

    /// <summary>Maps the endpoint.</summary>
    internal static void MapChanges(this RouteGroupBuilder api) => api.MapGet("/{id}/changes", async (
        string id, Caller caller, HttpContext context, SegmentStore store, ChangeFeed feed) =>
    {
        var segment = await store.FindAsync(caller, id, context.RequestAborted);
        var query = context.Request.Query;
        var cursor = Cursor.Parse(QueryParameters.Optional(query, "cursor"));
        var wait = TimeSpan.FromSeconds(QueryParameters.Number(query, "wait", 0, MaxWaitSeconds, 0));
        var limit = QueryParameters.Number(query, "limit", 1, MaxLimit, DefaultLimit);
        context.Response.Headers.Vary = "Accept";
        var followed = feed.FollowAsync(segment, cursor, wait, limit, context.RequestAborted);
        if (AnswerFormats.Preferred(context.Request, AnswerFormat.Lines) == AnswerFormat.Lines)
        {
            await WriteLinesAsync(context, followed);
            return Results.Empty;
        }

        MemberChanges? found = null;
        await foreach (var changes in followed)
        {
            found = changes;
            if (changes.Changes.Count > 0)
                break;
        }
        return Results.Json(new ChangesAnswer([.. found!.Changes.Select(ChangeAnswer.Of)], found.Next.ToString()));
    });

    private static async Task WriteLinesAsync(HttpContext context, IAsyncEnumerable<MemberChanges> feed)
    {
        var response = context.Response;
        try
        {
            await foreach (var changes in feed)
            {
                if (!response.HasStarted)
                    response.ContentType = AnswerFormats.Lines;
                foreach (var change in changes.Changes)
                    await WriteAsync(response, JsonSerializer.SerializeToUtf8Bytes(ChangeAnswer.Of(change) with { Cursor = change.Cursor.ToString() }, LinesJson.Default.ChangeAnswer));
                if (changes.Changes.Count == 0) // It tells that the stream is alive, and where it is.
                    await WriteAsync(response, JsonSerializer.SerializeToUtf8Bytes(new(changes.Next.ToString()), LinesJson.Default.CursorLine));
                await response.BodyWriter.FlushAsync(context.RequestAborted);
            }
        }
        catch (Exception exception) when (response.HasStarted && exception is SegmentFault or WarehouseUnavailableException or RedisUnavailableException)
        {
            var end = exception switch
            {
                SegmentFault { Code: ErrorCodes.SegmentNotFound } => StreamEnd.Deleted,
                SegmentFault fault => fault.Code,
                WarehouseUnavailableException => ErrorCodes.WarehouseUnavailable,
                _ => ErrorCodes.SegmentsUnavailable,
            };
            await WriteAsync(response, JsonSerializer.SerializeToUtf8Bytes(new(end), LinesJson.Default.StreamEnd));
        }
    }

    private static async ValueTask WriteAsync(HttpResponse response, byte[] json)
    {
        await response.BodyWriter.WriteAsync(json);
        await response.BodyWriter.WriteAsync("\n"u8.ToArray());
    }
}

/// <summary>Changes after a cursor.</summary>
internal sealed record ChangesAnswer(IReadOnlyList<ChangeAnswer> Changes, string NextCursor);

/// <summary>A user entered or left.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Change"><c>entered</c> or <c>exited</c>.</param>
/// <param name="At">When that was found.</param>
/// <param name="Reason"><c>data</c>, <c>time</c>, <c>rule</c> or <c>repair</c>.</param>
/// <param name="Cursor">Of a line, the place behind the change; else null.</param>
internal sealed record ChangeAnswer(string UserId, string Change, DateTime At, string Reason, string? Cursor = null)
{
    internal static ChangeAnswer Of(MemberChange change) => new(change.UserId, change.Entered ? "entered" : "exited", change.At.UtcDateTime, change.Reason);
}

/// <summary>A line without a change.</summary>
internal sealed record CursorLine(string Cursor);
