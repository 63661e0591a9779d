using SegOps.ServiceDefaults.Redis;

namespace SegOps.Ingestion.Quota;

/// <summary>Adds the month's quota.</summary>
internal static class QuotaExtensions
{
    /// <summary>Adds Redis and <see cref="MonthQuota"/>. Requests have ended when the ledger stops, for the web server stops first.</summary>
    public static IHostApplicationBuilder AddQuota(this IHostApplicationBuilder builder)
    {
        builder.AddRedis("events are accepted against the last monthly figures known here, and counted when it is back.");
        builder.Services.AddSingleton<KnownUsage>();
        builder.Services.AddSingleton<UsageLedger>();
        builder.Services.AddHostedService(services => services.GetRequiredService<UsageLedger>());
        builder.Services.AddSingleton<MonthQuota>();
        return builder;
    }
}
