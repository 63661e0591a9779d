using System.ComponentModel.DataAnnotations;

namespace SegOps.Monitoring.Rollups;

/// <summary>Configuration section <c>Rollups</c>: how volumes by the quarter of an hour are kept up to date.</summary>
internal sealed class RollupOptions
{
    internal const string Section = "Rollups";

    /// <summary>Pause between two passes; after one that took long nine times that long, up to a minute. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00", ErrorMessage = "Rollups:Interval must be from 00:00:00.1 to 00:10:00.")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long making one quarter's roll-up may take in ClickHouse; then the next pass tries again. Default 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = "Rollups:QueryDeadline must be from 00:00:01 to 00:10:00.")]
    public TimeSpan QueryDeadline { get; set; } = TimeSpan.FromMinutes(1);
}
