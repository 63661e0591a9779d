using SegOps.Contracts;
using SegOps.InternalApi;
using SegOps.ServiceDefaults.Configuration;

namespace SegOps.Ingestion.Track;

/// <summary>The endpoints that take events.</summary>
internal static class TrackEndpoints
{
    /// <summary>Adds what the endpoints need.</summary>
    public static IHostApplicationBuilder AddTrack(this IHostApplicationBuilder builder)
    {
        builder.Services.AddRequestDecompression(options => options.DecompressionProviders.Add("zstd", new ZstdDecompression()));
        builder.Services.AddValidatedOptions<BodyOptions>(BodyOptions.Section);
        builder.Services.AddSingleton<BodyMemory>();
        builder.Services.AddSingleton<TrackHandler>();
        return builder;
    }

    /// <summary>Maps both endpoints; routing takes a trailing slash as well.</summary>
    public static IEndpointRouteBuilder MapTrack(this IEndpointRouteBuilder endpoints)
    {
        var track = endpoints.MapGroup("/api/ingestion/track");
        track.MapPost("/", (HttpContext context, Caller caller, TrackHandler handler) => handler.HandleAsync(context, caller, TrackKind.Single));
        track.MapPost("/batch", (HttpContext context, Caller caller, TrackHandler handler) => handler.HandleAsync(context, caller, TrackKind.Batch));
        return endpoints;
    }
}

/// <summary>In what the two endpoints differ.</summary>
/// <param name="MaxBodyBytes">Largest body, after decompression.</param>
/// <param name="IsBatch">Whether the body is an object around events.</param>
internal sealed record TrackKind(int MaxBodyBytes, bool IsBatch)
{
    public static readonly TrackKind Single = new(EventLimits.MaxSingleBodyBytes, IsBatch: false);
    public static readonly TrackKind Batch = new(EventLimits.MaxBatchBodyBytes, IsBatch: true);
}
