using SegOps.InternalApi;
using SegOps.Segments.Evaluation;
using SegOps.Segments.Rules;
using SegOps.Warehouse;

namespace SegOps.Segments.Api;

/// <summary><c>GET /api/segments/properties</c>: the properties of users, to suggest names for rules.</summary>
internal static class PropertiesEndpoint
{
    /// <summary>Maximum properties; more are left out.</summary>
    private const int Most = 100;

    private static readonly string Sql = $"""
        SELECT trait
        FROM user_trait_values
        WHERE {QueryValues.OfProject} AND trait != ''
        GROUP BY trait
        ORDER BY count() DESC, trait
        LIMIT {Most}
        """;

    /// <summary>Maps the endpoint.</summary>
    internal static void MapProperties(this RouteGroupBuilder api) => api.MapGet("/properties", async (
        Caller caller, StatementRunner runner, CancellationToken cancellationToken) =>
    {
        var names = await runner.ReadAsync(
            new Statement(Sql, QueryValues.Project(caller.ProjectId, caller.Environment)), Most, static row => row.GetString(0), cancellationToken);
        return Results.Json(new PropertiesAnswer(names.ConvertAll(RulePath.Of)));
    });
}

/// <summary>The properties of users.</summary>
/// <param name="Properties">Their names as rules take them, those that events write most often first.</param>
internal sealed record PropertiesAnswer(IReadOnlyList<string> Properties);
