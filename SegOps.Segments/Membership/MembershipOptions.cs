using System.ComponentModel.DataAnnotations;

namespace SegOps.Segments.Membership;

/// <summary>Configuration section <c>Membership</c>: the passes that keep members up to date.</summary>
internal sealed class MembershipOptions
{
    internal const string Section = "Membership";

    /// <summary>Pause between rounds of passes. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:01:00", ErrorMessage = "Membership:Interval must be from 00:00:00.05 to 00:01:00.")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Time after which another instance takes over from one that stopped working. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00", ErrorMessage = "Membership:Lease must be from 00:00:01 to 00:05:00.")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Users of a project whom one pass evaluates, about. Default 10,000. It bounds the memory of a pass.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Membership:MaxUsers must be from 1 to 1,000,000.")]
    public int MaxUsers { get; set; } = 10_000;

    /// <summary>Projects that are evaluated at the same time. Default 2.</summary>
    [Range(1, 64, ErrorMessage = "Membership:Projects must be from 1 to 64.")]
    public int Projects { get; set; } = 2;

    /// <summary>Deadline of a statement of a pass. A segment that needs longer is computed as a whole, later. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00", ErrorMessage = "Membership:PassDeadline must be from 00:00:01 to 00:05:00.")]
    public TimeSpan PassDeadline { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Deadline of computing a whole segment. Default 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "Membership:ComputationDeadline must be from 00:00:01 to 01:00:00.")]
    public TimeSpan ComputationDeadline { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Whole segments that are computed at the same time. Default 2.</summary>
    [Range(1, 16, ErrorMessage = "Membership:Computations must be from 1 to 16.")]
    public int Computations { get; set; } = 2;

    /// <summary>Time of day (UTC) at which all segments are computed as a whole and compared. Default 03:00.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "23:59:59", ErrorMessage = "Membership:RecomputeAt must be from 00:00:00 to 23:59:59.")]
    public TimeSpan RecomputeAt { get; set; } = TimeSpan.FromHours(3);

    /// <summary>Time for which a segment must be missing before its rows are removed. Default 1 h, in case Redis loses definitions for a moment.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00", ErrorMessage = "Membership:RemoveAfter must be from 00:00:00 to 30.00:00:00.")]
    public TimeSpan RemoveAfter { get; set; } = TimeSpan.FromHours(1);
}
