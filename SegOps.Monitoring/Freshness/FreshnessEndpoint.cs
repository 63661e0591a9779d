using System.ComponentModel.DataAnnotations;
using SegOps.ServiceDefaults.Configuration;

namespace SegOps.Monitoring.Freshness;

/// <summary>Measures how soon events can be queried.</summary>
internal static class FreshnessEndpoint
{
    /// <summary>Adds the sender of canaries and the watcher that looks for them.</summary>
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

/// <summary>Body of <c>GET /api/monitoring/freshness</c>: how soon events can be queried, from just before a request was sent.</summary>
/// <param name="WindowSeconds">How far back the samples reach.</param>
/// <param name="Samples">How many there are.</param>
/// <param name="P50Ms">Half of them took no longer; null without samples, as are the others.</param>
/// <param name="P95Ms">95 of 100 took no longer.</param>
/// <param name="P99Ms">99 of 100 took no longer.</param>
/// <param name="LastAt">When a canary last became queryable; null when none has since Monitoring started.</param>
/// <param name="LagMs">Age of the oldest canary that was accepted and cannot be queried yet; 0 when there is none.</param>
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

    // By nearest rank, so that the figure is a measured one.
    private static double? Percentile(double[] sorted, int percent) =>
        sorted.Length == 0 ? null : Math.Round(sorted[((sorted.Length * percent) + 99) / 100 - 1], 1);
}

/// <summary>Configuration section <c>Canary</c>: the events by which Monitoring measures how soon events can be queried.</summary>
internal sealed class CanaryOptions
{
    internal const string Section = "Canary";

    /// <summary>Whether canaries are sent. Default true. Without them neither freshness nor the event stream's backlog is known.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Time from one canary to the next. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00", ErrorMessage = "Canary:Interval must be from 00:00:00.1 to 00:01:00.")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Pause between two queries for canaries under way. It is the precision of the figures. Default 100 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:00:10", ErrorMessage = "Canary:PollInterval must be from 00:00:00.01 to 00:00:10.")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(100);
}
