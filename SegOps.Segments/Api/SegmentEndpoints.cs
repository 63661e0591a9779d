using SegOps.InternalApi;
using SegOps.Segments.Store;

namespace SegOps.Segments.Api;

/// <summary>Creates, reads, changes and deletes segments.</summary>
internal static class SegmentEndpoints
{
    /// <summary>Maps the endpoints.</summary>
    internal static void MapSegments(this RouteGroupBuilder api)
    {
        api.MapPost("/", async (Caller caller, HttpContext context, Definitions definitions, SegmentAnswers answers, RuleWarnings warnings) =>
        {
            var body = await SegmentBody.ReadAsync(context, "name", "rule");
            var created = await definitions.CreateAsync(caller, body);
            context.Response.Headers.Location = "/api/segments/" + created.Id;
            return await AnswerAsync(context, answers, created, StatusCodes.Status201Created, warnings);
        });
        api.MapGet("/", async (Caller caller, SegmentStore store, SegmentAnswers answers, CancellationToken cancellationToken) =>
        {
            var set = await store.ReadAsync(caller.ProjectId, caller.Environment, cancellationToken);
            var listed = set.Segments.Values.OrderBy(static segment => segment.Name, StringComparer.Ordinal).ThenBy(static segment => segment.Id).ToList();
            return Results.Json(new SegmentsAnswer(await answers.OfAsync(caller, listed, cancellationToken)));
        });
        api.MapGet("/{id}", async (string id, Caller caller, HttpContext context, SegmentStore store, SegmentAnswers answers) =>
            await AnswerAsync(context, answers, await store.FindAsync(caller, id, context.RequestAborted)));
        api.MapPut("/{id}", async (string id, Caller caller, HttpContext context, Definitions definitions, SegmentAnswers answers, RuleWarnings warnings) =>
        {
            var match = VersionMatch.Of(context.Request, required: true);
            var body = await SegmentBody.ReadAsync(context, "name", "rule");
            return await AnswerAsync(context, answers, await definitions.ReplaceAsync(caller, IdOf(id), body, match), StatusCodes.Status200OK, warnings);
        });
        api.MapDelete("/{id}", async (string id, Caller caller, HttpRequest request, Definitions definitions) =>
        {
            await definitions.DeleteAsync(caller, IdOf(id), VersionMatch.Of(request, required: false));
            return Results.NoContent();
        });
    }

    /// <summary>The segment that a path names.</summary>
    /// <exception cref="SegmentFault">There is none.</exception>
    internal static async Task<SegmentDefinition> FindAsync(this SegmentStore store, Caller caller, string id, CancellationToken cancellationToken) =>
        (await store.ReadAsync(caller.ProjectId, caller.Environment, cancellationToken)).Find(id);

    /// <summary>The same in segments that were read.</summary>
    /// <exception cref="SegmentFault">There is none.</exception>
    internal static SegmentDefinition Find(this SegmentSet set, string id) => set.Segments.GetValueOrDefault(IdOf(id)) ?? throw SegmentFault.NotFound();

    private static Guid IdOf(string id) => Guid.TryParseExact(id, "D", out var parsed) ? parsed : throw SegmentFault.NotFound();

    private static async Task<IResult> AnswerAsync(
        HttpContext context, SegmentAnswers answers, SegmentDefinition segment, int status = StatusCodes.Status200OK, RuleWarnings? warnings = null)
    {
        context.Response.Headers.ETag = VersionMatch.TagOf(segment.Version);
        var answer = (await answers.OfAsync(new Caller(segment.Project, segment.Environment), [segment], context.RequestAborted))[0];
        return Results.Json(answer with { Warnings = warnings is null ? null : await warnings.OfAsync(segment, context.RequestAborted) }, statusCode: status);
    }
}
