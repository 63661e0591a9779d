using SegOps.InternalApi;
using SegOps.Monitoring.Http;

namespace SegOps.Monitoring.Usage;

/// <summary><c>GET /api/monitoring/usage</c></summary>
internal static class UsageEndpoint
{
    internal static void MapUsage(this RouteGroupBuilder api) => api.MapGet("/usage", async (
        Caller caller, HttpRequest request, PlanUsage usage, CancellationToken cancellationToken) =>
        Results.Json(await usage.ReadAsync(caller, request.Headers, cancellationToken), MonitoringJson.Default.UsageAnswer));
}
