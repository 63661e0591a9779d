using SegOps.Monitoring.Http;
using SegOps.Monitoring.Volume;
using SegOps.ServiceDefaults.InternalCalls;
using SegOps.Warehouse;

namespace SegOps.Monitoring.EventTypes;

/// <summary><c>GET /api/monitoring/event-types?window=24h|7d&amp;limit=</c></summary>
internal static class EventTypesEndpoint
{
    private const int DefaultLimit = 10;
    private const int MaxLimit = 100;

    internal static void MapEventTypes(this RouteGroupBuilder api) => api.MapGet("/event-types", async (
        Caller caller, HttpRequest request, WarehouseReader warehouse, TimeProvider clock, CancellationToken cancellationToken) =>
    {
        var window = VolumeWindow.Parse(request.Query);
        var limit = QueryParameters.Number(request.Query, "limit", 1, MaxLimit, DefaultLimit);
        var types = await EventTypesQuery.RunAsync(warehouse, clock, caller, window, limit, cancellationToken);
        return Results.Json(types, MonitoringJson.Default.EventTypesAnswer);
    });
}
