using System.ComponentModel.DataAnnotations;

namespace SegOps.Monitoring.Ledger;

/// <summary>Configuration section <c>Ledger</c>: whether all that was received is accounted for.</summary>
internal sealed class LedgerOptions
{
    internal const string Section = "Ledger";

    /// <summary>How often Ingestion's counts are fetched from Redis. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00", ErrorMessage = "Ledger:Interval must be from 00:00:00.1 to 00:10:00.")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long after a minute's end its events may still be on their way, all stages being well; then they are missing. Default 5 min: a
    /// lease of a message that was lost with its reader ends after 1 min, a roll-up is at most 1 min old.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ErrorMessage = "Ledger:Patience must be from 00:00:01 to 1.00:00:00.")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromMinutes(5);
}
