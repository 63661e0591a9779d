using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.InternalApi;
using SegOps.ServiceDefaults.Configuration;
using SegOps.ServiceDefaults.Http;

namespace SegOps.Monitoring.Live;

/// <summary><c>GET /api/monitoring/live?event_type=&amp;user_id=</c>: events as they become queryable, as server-sent events.</summary>
internal static class LiveEndpoint
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
        var (stream, refusal) = streams.Open(filter);
        if (stream is null)
        {
            await Problems.WriteAsync(context, ErrorCodes.Overloaded, refusal!, RetryAfter);
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

/// <summary>Configuration section <c>Live</c>: streams of new events.</summary>
internal sealed class LiveOptions
{
    internal const string Section = "Live";

    /// <summary>Maximum open streams; further ones are answered 503. Default 200. Each is a connection with at most 2.6 MB of events.</summary>
    [Range(1, 100_000, ErrorMessage = "Live:MaxStreams must be from 1 to 100,000.")]
    public int MaxStreams { get; set; } = 200;

    /// <summary>
    /// Maximum open streams of a project, in this instance; further ones are answered 503. Default 20, so that one project leaves streams to others.
    /// </summary>
    [Range(1, 100_000, ErrorMessage = "Live:MaxStreamsPerProject must be from 1 to 100,000.")]
    public int MaxStreamsPerProject { get; set; } = 20;

    /// <summary>Duration of a stream; then its client opens the next. Default 100 s, below the gateway's Forwarding:RequestTimeout of 2 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "Live:Duration must be from 00:00:01 to 01:00:00.")]
    public TimeSpan Duration { get; set; } = TimeSpan.FromSeconds(100);
}
