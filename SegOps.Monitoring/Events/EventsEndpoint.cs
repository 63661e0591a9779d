using SegOps.Contracts;
using SegOps.Monitoring.Http;
using SegOps.ServiceDefaults.InternalCalls;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Events;

/// <summary><c>GET /api/monitoring/events?user_id=&amp;event_type=&amp;limit=</c></summary>
internal static class EventsEndpoint
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    internal static void MapEvents(this RouteGroupBuilder api) => api.MapGet("/events", async (
        Caller caller, HttpRequest request, WarehouseReader warehouse, TimeProvider clock, CancellationToken cancellationToken) =>
    {
        var filter = new EventsFilter(
            QueryParameters.Text(request.Query, "user_id", EventLimits.MaxUserIdLength),
            QueryParameters.Text(request.Query, "event_type", EventLimits.MaxEventTypeLength),
            QueryParameters.Number(request.Query, "limit", 1, MaxLimit, DefaultLimit));
        var events = await EventsQuery.RunAsync(warehouse, clock, caller, filter, cancellationToken);
        return Results.Json(new EventsAnswer(events), MonitoringJson.Default.EventsAnswer);
    });
}
