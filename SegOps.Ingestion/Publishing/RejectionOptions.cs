using System.ComponentModel.DataAnnotations;

namespace SegOps.Ingestion.Publishing;

/// <summary>Configuration section <c>Rejections</c>.</summary>
internal sealed class RejectionOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Rejections";

    /// <summary>
    /// How many requests' rejections may wait to be published before more are dropped and counted; default 500, 1 to 100,000. Each holds
    /// about 40 bytes a fault, at most 3,500 faults, at most 34 KB of samples, and at most 20 KB of event ids.
    /// </summary>
    [Range(1, 100_000, ErrorMessage = "Rejections:Buffer must be between 1 and 100000.")]
    public int Buffer { get; set; } = 500;
}
