using SegOps.ServiceDefaults.Configuration;
using SegOps.ServiceDefaults.Redis;

namespace SegOps.Monitoring.Quota;

/// <summary>Setting the monthly figures right.</summary>
internal static class ReconcileExtensions
{
    internal static WebApplicationBuilder AddQuotaReconciliation(this WebApplicationBuilder builder)
    {
        builder.AddRedis("plan usage cannot be shown, and monthly figures are not set right, until it is back.");
        builder.Services.AddValidatedOptions<QuotaOptions>(QuotaOptions.Section);
        builder.Services.AddSingleton<MonthlyFigures>();
        builder.Services.AddSingleton<ReconcilerLease>();
        builder.Services.AddSingleton<StoredEvents>();
        builder.Services.AddHostedService<Reconciler>();
        return builder;
    }
}
