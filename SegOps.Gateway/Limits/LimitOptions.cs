using System.ComponentModel.DataAnnotations;

namespace SegOps.Gateway.Limits;

/// <summary>Configuration section <c>Limits</c>: limits beside those of the plans.</summary>
internal sealed class LimitOptions
{
    internal const string Section = "Limits";

    /// <summary>Monitoring calls of a project within any 60 seconds, apart from the plan's calls. Default 600: a few pages left open.</summary>
    [Range(1, PlanOptions.MostCallsPerMinute, ErrorMessage = "Limits:MonitoringCallsPerMinute must be from 1 to 1000000.")]
    public int MonitoringCallsPerMinute { get; set; } = 600;

    /// <summary>Windows held in memory, one for each project and kind of call, for when Redis is away; the least used make room. Default 50,000.</summary>
    [Range(1, 10_000_000, ErrorMessage = "Limits:LocalWindows must be from 1 to 10000000.")]
    public int LocalWindows { get; set; } = 50_000;
}
