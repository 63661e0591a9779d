using System.ComponentModel.DataAnnotations;

namespace SegOps.Segments.Evaluation;

/// <summary>Configuration section <c>Evaluation</c>: what a statement of a rule may use of ClickHouse.</summary>
internal sealed class EvaluationOptions
{
    internal const string Section = "Evaluation";

    /// <summary>Maximum threads of a statement. Default 2.</summary>
    [Range(1, 256, ErrorMessage = "Evaluation:MaxThreads must be from 1 to 256.")]
    public int MaxThreads { get; set; } = 2;

    /// <summary>Maximum bytes of memory of a statement. Default 1 GiB. Sets that do not fit into half of it go to the disk.</summary>
    [Range(64L << 20, 1L << 40, ErrorMessage = "Evaluation:MaxMemoryBytes must be from 67,108,864 (64 MiB) to 1,099,511,627,776 (1 TiB).")]
    public long MaxMemoryBytes { get; set; } = 1L << 30;

    /// <summary>Maximum time for the warnings about a rule that is saved, by which they delay the answer. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00", ErrorMessage = "Evaluation:WarningsDeadline must be from 00:00:00.1 to 00:01:00.")]
    public TimeSpan WarningsDeadline { get; set; } = TimeSpan.FromSeconds(1);
}
