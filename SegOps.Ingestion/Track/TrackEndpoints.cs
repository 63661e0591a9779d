using SegOps.InternalApi;

namespace SegOps.Ingestion.Track;

/// <summary>The endpoints that receive events.</summary>
internal static class TrackEndpoints
{
    /// <summary>Maps both endpoints. Routing also accepts a trailing slash.</summary>
    public static IEndpointRouteBuilder MapTrack(this IEndpointRouteBuilder endpoints)
    {
        var track = endpoints.MapGroup("/api/ingestion/track");
        track.MapPost("/", (HttpContext context, Caller caller, TrackHandler handler) => handler.HandleAsync(context, caller, isBatch: false));
        track.MapPost("/batch", (HttpContext context, Caller caller, TrackHandler handler) => handler.HandleAsync(context, caller, isBatch: true));
        return endpoints;
    }
}
