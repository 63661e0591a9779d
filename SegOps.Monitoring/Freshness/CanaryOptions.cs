using System.ComponentModel.DataAnnotations;

namespace SegOps.Monitoring.Freshness;

/// <summary>Configuration section <c>Canary</c>: the events by which Monitoring measures how soon events can be queried.</summary>
internal sealed class CanaryOptions
{
    internal const string Section = "Canary";

    /// <summary>Whether canaries are sent. Default true; without them there is no freshness, and the event stream tells no backlog.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Time from one canary to the next. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00", ErrorMessage = "Canary:Interval must be from 00:00:00.1 to 00:01:00.")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Pause between two questions whether those under way can be queried, which is how exact the figures are. Default 100 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:00:10", ErrorMessage = "Canary:PollInterval must be from 00:00:00.01 to 00:00:10.")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(100);
}
