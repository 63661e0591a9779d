using System.ComponentModel.DataAnnotations;

namespace SegOps.Monitoring.Pipeline;

/// <summary>Configuration section <c>Pipeline</c>: how the stages are checked.</summary>
internal sealed class PipelineOptions
{
    internal const string Section = "Pipeline";

    /// <summary>Pause between two checks of a stage. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:05:00", ErrorMessage = "Pipeline:ProbeInterval must be from 00:00:00.05 to 00:05:00.")]
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a stage may take to answer; then it is down. Default 3 s, above the probes' own deadlines, which know more.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00", ErrorMessage = "Pipeline:ProbeDeadline must be from 00:00:00.1 to 00:01:00.")]
    public TimeSpan ProbeDeadline { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long events may wait in a stage before it is degraded. Default 10 s, well above the 2 s in which they are to be queryable.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "Pipeline:MaxBacklogAge must be from 00:00:01 to 01:00:00.")]
    public TimeSpan MaxBacklogAge { get; set; } = TimeSpan.FromSeconds(10);
}
