using SegOps.Monitoring.Http;
using SegOps.ServiceDefaults.InternalCalls;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Volume;

/// <summary><c>GET /api/monitoring/volume?window=24h|7d</c></summary>
internal static class VolumeEndpoint
{
    internal static void MapVolume(this RouteGroupBuilder api) => api.MapGet("/volume", async (
        Caller caller, HttpRequest request, WarehouseReader warehouse, TimeProvider clock, CancellationToken cancellationToken) =>
    {
        var window = VolumeWindow.Parse(request.Query);
        var volume = await VolumeQuery.RunAsync(warehouse, clock, caller, window, cancellationToken);
        return Results.Json(volume, MonitoringJson.Default.VolumeAnswer);
    });
}
