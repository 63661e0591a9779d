using SegOps.Monitoring.Volume;
using SegOps.InternalApi;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Users;

/// <summary><c>GET /api/monitoring/users?window=24h|7d</c></summary>
internal static class UsersEndpoint
{
    /// <summary>
    /// The window ends now, so that a user was active in it if last seen in it. Rows of a user that are not merged yet count once. Hashes are counted faster
    /// than strings: that two of ten million users share one of 64 bits has a chance of one in 370,000.
    /// </summary>
    private const string Sql = $$"""
        SELECT uniqExact(sipHash64(user_id))
        FROM users
        WHERE {{QueryValues.OfProject}} AND last_seen >= fromUnixTimestamp({from:Int64})
        """;

    internal static void MapUsers(this RouteGroupBuilder api) => api.MapGet("/users", async (
        Caller caller, HttpRequest request, WarehouseReader warehouse, TimeProvider clock, CancellationToken cancellationToken) =>
    {
        var window = VolumeWindow.Parse(request.Query);
        var (from, to) = window.At(clock.GetUtcNow());
        var users = await warehouse.ReadAsync(Sql, QueryValues.Project(caller.ProjectId, caller.Environment, from, to), 1, static row => row.Number(0), cancellationToken);
        return Results.Json(new UsersAnswer(window.Name, from, to, users[0]));
    });
}

/// <summary>The number of distinct active users of a window; times are UTC.</summary>
internal sealed record UsersAnswer(string Window, DateTime From, DateTime To, long Users);
