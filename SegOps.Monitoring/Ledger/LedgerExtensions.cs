using Microsoft.Extensions.Diagnostics.HealthChecks;
using SegOps.ServiceDefaults.Configuration;

namespace SegOps.Monitoring.Ledger;

/// <summary>Holding what was received against what became of it.</summary>
internal static class LedgerExtensions
{
    /// <summary>Adds the ledger; Redis comes with the quota.</summary>
    internal static WebApplicationBuilder AddLedger(this WebApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<LedgerOptions>(LedgerOptions.Section);
        builder.Services.AddSingleton<ReceivedMinutes>();
        builder.Services.AddSingleton<ReceivedCopy>();
        builder.Services.AddSingleton<Settlement>();
        builder.Services.AddSingleton<LedgerQuery>();
        builder.Services.AddSingleton<LedgerAlarm>();
        builder.Services.AddSingleton<LedgerWorker>();
        builder.Services.AddHostedService(static provider => provider.GetRequiredService<LedgerWorker>());
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            LedgerAlarm.Name, static provider => provider.GetRequiredService<LedgerAlarm>(), failureStatus: null, tags: null));
        return builder;
    }
}
