using SegOps.InternalApi;
using SegOps.Segments.Evaluation;
using SegOps.Segments.Rules;
using SegOps.Segments.Store;

namespace SegOps.Segments.Api;

/// <summary><c>POST /api/segments/preview?cost=only</c>: what a rule matches, or what it would cost to find out.</summary>
internal static class PreviewEndpoint
{
    /// <summary>Maps the endpoint.</summary>
    internal static void MapPreview(this RouteGroupBuilder api) => api.MapPost("/preview", async (
        Caller caller, HttpContext context, SegmentStore store, PreviewPlaces places, StatementRunner runner, TimeProvider clock) =>
    {
        var isCostOnly = QueryParameters.Optional(context.Request.Query, "cost") switch
        {
            null => false,
            "only" => true,
            _ => throw new InvalidParameterException("cost takes only."),
        };
        var body = await SegmentBody.ReadAsync(context, "rule");
        var rule = ResolvedRules.Read(body.Rule);
        var set = await store.ReadAsync(caller.ProjectId, caller.Environment, context.RequestAborted);
        var evaluation = new Evaluation.Evaluation(
            caller.ProjectId, caller.Environment, ResolvedRules.Resolve(set, rule, null), clock.GetUtcNow(), SourceTables.Stored);
        return await places.RunAsync(caller.ProjectId, async () =>
        {
            var cost = await CostQuery.RunAsync(runner, evaluation, context.RequestAborted);
            if (isCostOnly)
                return Results.Json(new PreviewAnswer { Cost = new(cost.Rows, cost.Bytes, cost.Milliseconds, null) });
            var began = clock.GetTimestamp();
            var preview = await PreviewQuery.RunAsync(runner, evaluation, context.RequestAborted);
            return Results.Json(PreviewAnswer.Of(evaluation, preview, new(cost.Rows, cost.Bytes, cost.Milliseconds, (long)clock.GetElapsedTime(began).TotalMilliseconds)));
        });
    });
}

/// <summary>What a rule matches; only <see cref="Cost"/> if only that was asked for.</summary>
internal sealed record PreviewAnswer
{
    /// <summary>Users that match.</summary>
    public long? Count { get; init; }

    /// <summary>All users.</summary>
    public long? Users { get; init; }

    /// <summary>Some users that match.</summary>
    public IReadOnlyList<string>? Samples { get; init; }

    /// <summary>Counts of each condition, in the order of the rule's text.</summary>
    public IReadOnlyList<ConditionCounts>? Conditions { get; init; }

    /// <summary>Users by the conditions that they fulfil; null if there are too many combinations.</summary>
    public IReadOnlyList<Pattern>? Patterns { get; init; }

    /// <summary>True if there are too many combinations; else null.</summary>
    public bool? PatternsLeftOut { get; init; }

    /// <summary>The time for which the rule was evaluated.</summary>
    public DateTime? AsOf { get; init; }

    /// <summary>What it cost.</summary>
    public required PreviewCost Cost { get; init; }

    /// <summary>Probable mistakes.</summary>
    public IReadOnlyList<RuleFault>? Warnings { get; init; }

    internal static PreviewAnswer Of(Evaluation.Evaluation evaluation, Preview preview, PreviewCost cost) => new()
    {
        Count = preview.Count,
        Users = preview.Users,
        Samples = preview.Samples,
        Conditions = preview.Conditions,
        Patterns = preview.Patterns,
        PatternsLeftOut = preview.Patterns is null ? true : null,
        AsOf = evaluation.Now.UtcDateTime,
        Cost = cost,
        Warnings = RuleWarnings.Of(evaluation.Rule, preview),
    };
}

/// <summary>The cost of a preview.</summary>
/// <param name="Rows">Rows to read, estimated before.</param>
/// <param name="Bytes">Bytes to read, estimated before.</param>
/// <param name="EstimatedMs">Milliseconds, estimated before.</param>
/// <param name="ElapsedMs">The milliseconds that it took; null if it was not computed.</param>
internal sealed record PreviewCost(long Rows, long Bytes, long EstimatedMs, long? ElapsedMs);
