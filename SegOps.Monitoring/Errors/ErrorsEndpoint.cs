using SegOps.Contracts;
using SegOps.Monitoring.Http;
using SegOps.Monitoring.Volume;
using SegOps.ServiceDefaults.InternalCalls;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Errors;

/// <summary><c>GET /api/monitoring/errors?window=24h|7d&amp;limit=&amp;cursor=</c>, and <c>/warnings</c> likewise.</summary>
internal static class ErrorsEndpoint
{
    private const int DefaultLimit = 20;
    private const int MaxLimit = 100;

    internal static void MapErrors(this RouteGroupBuilder api)
    {
        Map(api, "/errors", Severities.Error);
        Map(api, "/warnings", Severities.Warning);
    }

    private static void Map(RouteGroupBuilder api, string path, string severity) => api.MapGet(path, async (
        Caller caller, HttpRequest request, WarehouseReader warehouse, TimeProvider clock, CancellationToken cancellationToken) =>
    {
        var window = VolumeWindow.Parse(request.Query);
        var limit = QueryParameters.Number(request.Query, "limit", 1, MaxLimit, DefaultLimit);
        var cursor = ErrorsCursor.Parse(QueryParameters.Single(request.Query, "cursor"));
        var page = new ErrorsPage(severity, window, clock.GetUtcNow(), limit, cursor);
        return Results.Json(await ErrorsQuery.RunAsync(warehouse, caller, page, cancellationToken), MonitoringJson.Default.ErrorsAnswer);
    });
}
