using System.ComponentModel.DataAnnotations;
using SegOps.ServiceDefaults.Configuration;
using SegOps.ServiceDefaults.Redis;

namespace SegOps.Monitoring.Quota;

/// <summary>Adds the correction of the monthly figures.</summary>
internal static class ReconcileExtensions
{
    internal static WebApplicationBuilder AddQuotaReconciliation(this WebApplicationBuilder builder)
    {
        builder.AddRedis("plan usage cannot be shown, and monthly figures are not set right, until it is back.");
        builder.Services.AddValidatedOptions<QuotaOptions>(QuotaOptions.Section);
        builder.Services.AddSingleton<MonthlyFigures>();
        builder.Services.AddSingleton<StoredEvents>();
        builder.Services.AddHostedService<Reconciler>();
        return builder;
    }
}

/// <summary>Configuration section <c>Quota</c>: the correction of the monthly figures by the accounts.</summary>
internal sealed class QuotaOptions
{
    internal const string Section = "Quota";

    /// <summary>
    /// Interval of corrections, and the wait of a figure until its events are stored. Default 10 min. At least 5 min, because half
    /// of it must exceed the 2 min of the longest request.
    /// </summary>
    [Range(typeof(TimeSpan), "00:05:00", "1.00:00:00", ErrorMessage = "Quota:ReconcileInterval must be from 00:05:00 to 1.00:00:00.")]
    public TimeSpan ReconcileInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Deadline of counting a day, or of finding late events, in ClickHouse. Default 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = "Quota:QueryDeadline must be from 00:00:01 to 00:10:00.")]
    public TimeSpan QueryDeadline { get; set; } = TimeSpan.FromMinutes(1);
}
