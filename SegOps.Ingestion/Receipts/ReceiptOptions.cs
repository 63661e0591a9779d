using System.ComponentModel.DataAnnotations;

namespace SegOps.Ingestion.Receipts;

/// <summary>Configuration section <c>Receipts</c>.</summary>
internal sealed class ReceiptOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Receipts";

    /// <summary>
    /// How many accepted events' ids each instance remembers in Redis within a minute; default 20,000, 0 (none) to 10,000,000. An id takes
    /// about 100 bytes of Redis for up to 70 minutes, so that the full rate, kept up, takes about 140 MB.
    /// </summary>
    [Range(0, 10_000_000, ErrorMessage = "Receipts:IdsPerMinute must be between 0 and 10000000.")]
    public int IdsPerMinute { get; set; } = 20_000;
}
