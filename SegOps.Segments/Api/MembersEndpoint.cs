using System.Text.Json;
using System.Text.Json.Serialization;
using SegOps.InternalApi;
using SegOps.Segments.Membership;
using SegOps.Segments.Store;

namespace SegOps.Segments.Api;

/// <summary><c>GET /api/segments/{id}/members?cursor=&amp;limit=&amp;properties=</c>: a page as JSON, or all members as CSV or as lines of JSON.</summary>
internal static class MembersEndpoint
{
    private const int DefaultLimit = 100;

    /// <summary>Maximum traits of each member.</summary>
    private const int MaxProperties = 20;

    /// <summary>Maximum length of the list of traits.</summary>
    private const int MaxPropertiesLength = 2_000;

    /// <summary>Maps the endpoint.</summary>
    internal static void MapMembers(this RouteGroupBuilder api) => api.MapGet("/{id}/members", async (
        string id, Caller caller, HttpContext context, SegmentStore store, MemberReader members, MemberProperties traits, MemberExport export) =>
    {
        var segment = await store.FindAsync(caller, id, context.RequestAborted);
        var place = new Place(caller.ProjectId, caller.Environment);
        var names = Properties(context.Request.Query);
        var format = AnswerFormats.Preferred(context.Request, AnswerFormat.Csv, AnswerFormat.Lines);
        var limit = QueryParameters.Number(context.Request.Query, "limit", 1, MemberReader.MaxLimit, DefaultLimit);
        var cursor = Cursor.Parse(QueryParameters.Optional(context.Request.Query, "cursor"));
        context.Response.Headers.Vary = "Accept";
        if (format != AnswerFormat.Json)
        {
            await export.WriteAsync(context, place, segment.Id, names, format);
            return Results.Empty;
        }

        var page = await members.PageAsync(place, segment.Id, cursor, limit, context.RequestAborted);
        var values = await traits.ReadAsync(place, names, page.Members, context.RequestAborted);
        return Results.Json(new MembersAnswer(
            [.. page.Members.Select(member => new MemberAnswer(member.UserId, member.Since.UtcDateTime, values?.GetValueOrDefault(member.UserId, MemberProperties.None)))],
            page.Next?.ToString(), page.AsOf.UtcDateTime, page.Count));
    });

    private static string[] Properties(IQueryCollection query)
    {
        var names = QueryParameters.Text(query, "properties", MaxPropertiesLength)?.Split(',').Distinct().ToArray() ?? [];
        return names.Length <= MaxProperties && names.All(static name => name.Length > 0)
            ? names
            : throw new InvalidParameterException($"properties takes up to {MaxProperties} names of traits with commas between them.");
    }
}

/// <summary>A page of members.</summary>
/// <param name="Members">The members, by user id.</param>
/// <param name="NextCursor">The cursor of the next page; null on the last page.</param>
/// <param name="AsOf">The time of the members.</param>
/// <param name="Count">Their number on all pages.</param>
internal sealed record MembersAnswer(IReadOnlyList<MemberAnswer> Members, string? NextCursor, DateTime AsOf, long Count);

/// <summary>A member.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Since">Since when.</param>
/// <param name="Properties">The traits that were asked for and are set; null if none were asked for.</param>
internal sealed record MemberAnswer(string UserId, DateTime Since, IReadOnlyDictionary<string, JsonElement>? Properties);

/// <summary>The end of a stream of lines.</summary>
/// <param name="End"><c>segment_deleted</c>, or the error code of what ended the stream early.</param>
internal sealed record StreamEnd(string End)
{
    /// <summary>The value of <see cref="End"/> after the segment was deleted.</summary>
    internal const string Deleted = "segment_deleted";
}

/// <summary>Serialisation of lines.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MemberAnswer))]
[JsonSerializable(typeof(ChangeAnswer))]
[JsonSerializable(typeof(CursorLine))]
[JsonSerializable(typeof(StreamEnd))]
internal sealed partial class LinesJson : JsonSerializerContext;
