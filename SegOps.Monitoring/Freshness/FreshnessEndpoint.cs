using System.ComponentModel.DataAnnotations;
using SegOps.ServiceDefaults.Configuration;

namespace SegOps.Monitoring.Freshness;

/// <summary>Measures freshness with canaries.</summary>
internal static class FreshnessEndpoint
{
    /// <summary>Adds the sender and the watcher of canaries.</summary>
    internal static WebApplicationBuilder AddFreshness(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddValidatedOptions<CanaryOptions>(CanaryOptions.Section);

#pragma warning disable EXTEXP0001 // The method is marked as experimental. Retries must not count as one attempt.
        services.AddHttpClient(CanarySender.Ingestion, client => client.BaseAddress = new Uri("http://" + CanarySender.Ingestion)).RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001

        services.AddSingleton<Canaries>();
        services.AddHostedService<CanarySender>();
        services.AddHostedService<CanaryWatcher>();
        return builder;
    }

    /// <summary><c>GET /api/monitoring/freshness</c></summary>
    internal static void MapFreshness(this RouteGroupBuilder api) =>
        api.MapGet("/freshness", (Canaries canaries) => Results.Json(canaries.Current));
}

/// <summary>Body of <c>GET /api/monitoring/freshness</c>: the time from just before sending a canary until it can be queried.</summary>
/// <param name="WindowSeconds">The period of the samples.</param>
/// <param name="Samples">The number of samples.</param>
/// <param name="P50Ms">The median; null without samples, as are the other percentiles.</param>
/// <param name="P95Ms">The 95th percentile.</param>
/// <param name="P99Ms">The 99th percentile.</param>
/// <param name="LastAt">The time at which a canary last became queryable; null if none has since the start of Monitoring.</param>
/// <param name="LagMs">Age of the oldest accepted canary that cannot be queried yet; 0 if there is none.</param>
internal sealed record FreshnessAnswer(
    int WindowSeconds, int Samples, double? P50Ms, double? P95Ms, double? P99Ms, DateTimeOffset? LastAt, double LagMs)
{
    internal static FreshnessAnswer Of(TimeSpan window, IEnumerable<double> milliseconds, DateTimeOffset? lastAt, TimeSpan lag)
    {
        double[] sorted = [.. milliseconds.Order()];
        return new(
            (int)window.TotalSeconds, sorted.Length, Percentile(sorted, 50), Percentile(sorted, 95), Percentile(sorted, 99), lastAt,
            Math.Round(lag.TotalMilliseconds, 1));
    }

    // Nearest rank, so that the result is a measured value.
    private static double? Percentile(double[] sorted, int percent) =>
        sorted.Length == 0 ? null : Math.Round(sorted[((sorted.Length * percent) + 99) / 100 - 1], 1);
}

/// <summary>Configuration section <c>Canary</c>: the events by which Monitoring measures freshness.</summary>
internal sealed class CanaryOptions
{
    internal const string Section = "Canary";

    /// <summary>Whether canaries are sent. Default true. Without canaries, freshness and the event stream's backlog are unknown.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Interval of canaries. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00", ErrorMessage = "Canary:Interval must be from 00:00:00.1 to 00:01:00.")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Pause between queries for canaries in flight, and so the precision of the figures. Default 100 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:00:10", ErrorMessage = "Canary:PollInterval must be from 00:00:00.01 to 00:00:10.")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(100);
}
