using System.ComponentModel.DataAnnotations;

namespace SegOps.Monitoring.Quota;

/// <summary>Configuration section <c>Quota</c>: how the monthly figures are set right by what is stored.</summary>
internal sealed class QuotaOptions
{
    internal const string Section = "Quota";

    /// <summary>
    /// How often, and how long a figure is left alone so that what it counts gets stored. Default 10 min; at least 5, for half of it must
    /// be more than the 2 min that a request may take.
    /// </summary>
    [Range(typeof(TimeSpan), "00:05:00", "1.00:00:00", ErrorMessage = "Quota:ReconcileInterval must be from 00:05:00 to 1.00:00:00.")]
    public TimeSpan ReconcileInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long counting one project's day, or looking for late events, may take in ClickHouse. Default 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = "Quota:QueryDeadline must be from 00:00:01 to 00:10:00.")]
    public TimeSpan QueryDeadline { get; set; } = TimeSpan.FromMinutes(1);
}
