using SegOps.InternalApi;
using SegOps.Monitoring.Http;
using SegOps.ServiceDefaults.Redis;

namespace SegOps.Monitoring.Receipts;

/// <summary><c>GET /api/ingestion/events/{event_id}</c>: where it is. Below Ingestion's prefix, for it speaks of what was sent there.</summary>
internal static class ReceiptsEndpoint
{
    internal static WebApplicationBuilder AddReceipts(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<AcceptedEvents>();
        builder.Services.AddSingleton<ReceiptQueries>();
        builder.Services.AddSingleton<ReceiptFinder>();
        return builder;
    }

    internal static void MapReceipts(this RouteGroupBuilder api) => api.MapGet("/{event_id}", async (
        string event_id, Caller caller, HttpRequest request, ReceiptFinder finder, RedisConnection redis, CancellationToken cancellationToken) =>
    {
        // In the form in which events give it.
        if (!Guid.TryParseExact(event_id, "D", out var id) || id == Guid.Empty)
            throw new InvalidParameterException("event_id takes a UUID of 32 hexadecimal digits with hyphens, such as 0190163d-8694-739b-aea5-966c26f8ad91.");
        return Results.Json(
            await finder.FindAsync(caller, id, request.Headers.RedisDeadline(redis), cancellationToken), MonitoringJson.Default.Receipt);
    });
}
