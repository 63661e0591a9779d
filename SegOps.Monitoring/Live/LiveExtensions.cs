using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.InternalApi;
using SegOps.Monitoring.Http;
using SegOps.ServiceDefaults.Configuration;
using SegOps.ServiceDefaults.Http;

namespace SegOps.Monitoring.Live;

/// <summary><c>GET /api/monitoring/live?event_type=&amp;user_id=</c>: events as they become queryable, as server-sent events.</summary>
internal static class LiveExtensions
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    internal static WebApplicationBuilder AddLive(this WebApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<LiveOptions>(LiveOptions.Section);
        builder.Services.AddSingleton<LiveStreams>().AddSingleton<RecentEvents>().AddHostedService<LivePoller>();
        return builder;
    }

    internal static void MapLive(this RouteGroupBuilder api) => api.MapGet("/live", async (
        Caller caller, HttpContext context, LiveStreams streams, IOptions<LiveOptions> options, IHostApplicationLifetime lifetime, TimeProvider clock) =>
    {
        var filter = new LiveFilter(
            caller,
            QueryParameters.Text(context.Request.Query, "event_type", EventLimits.MaxEventTypeLength),
            QueryParameters.Text(context.Request.Query, "user_id", EventLimits.MaxUserIdLength));
        if (streams.TryOpen(filter) is not { } stream)
        {
            await Problems.WriteAsync(context, ErrorCodes.Overloaded, "As many live streams are open as there may be: try again shortly.", RetryAfter);
            return;
        }

        try
        {
            using var over = new CancellationTokenSource(options.Value.Duration, clock);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(over.Token, context.RequestAborted, lifetime.ApplicationStopping);
            await LiveResponse.WriteAsync(context, stream, clock, end.Token);
        }
        finally
        {
            streams.Close(stream);
        }
    });
}
