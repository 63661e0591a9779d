using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using SegOps.ServiceDefaults.Configuration;

namespace SegOps.Monitoring.Audit;

/// <summary>Adds the event audit.</summary>
internal static class EventAuditExtensions
{
    /// <summary>Adds the audit's worker, queries and health check.</summary>
    internal static WebApplicationBuilder AddEventAudit(this WebApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<EventAuditOptions>(EventAuditOptions.Section);
        builder.Services.AddSingleton<Watermark>();
        builder.Services.AddSingleton<EventAuditQuery>();
        builder.Services.AddSingleton<MissingBuckets>();
        builder.Services.AddSingleton<EventAuditAlarm>();
        builder.Services.AddSingleton<EventAuditWorker>();
        builder.Services.AddHostedService(static provider => provider.GetRequiredService<EventAuditWorker>());
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            EventAuditAlarm.Name, static provider => provider.GetRequiredService<EventAuditAlarm>(), failureStatus: null, tags: null));
        return builder;
    }
}

/// <summary>Configuration section <c>Ledger</c>: the event audit.</summary>
internal sealed class EventAuditOptions
{
    internal const string Section = "Ledger";

    /// <summary>Interval at which the watermark is advanced. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00", ErrorMessage = "Ledger:Interval must be from 00:00:00.1 to 00:10:00.")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The allowed lateness: maximum time from a minute's end until its events arrive while all stages work. Later events are missing. Default 5 min:
    /// the lease of a message that a crashed reader held ends after 1 min, and a roll-up is at most 1 min old.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ErrorMessage = "Ledger:Patience must be from 00:00:01 to 1.00:00:00.")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromMinutes(5);
}
