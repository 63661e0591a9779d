using System.Globalization;

namespace SegOps.Ingestor.Replay;

/// <summary>What became of the dead letters asked for.</summary>
internal sealed class ReplayTally
{
    /// <summary>Stored now, and closed.</summary>
    public long Replayed { get; set; }

    /// <summary>Closed without sending, for their rows were stored.</summary>
    public long StoredBefore { get; set; }

    /// <summary>Named by id, and closed before or not of the project, code and time asked for.</summary>
    public long NotOpen { get; set; }

    /// <summary>Not sent, each for a reason that was said.</summary>
    public long Refused { get; set; }

    /// <summary>Sent, and still open.</summary>
    public long NotSeen { get; set; }

    /// <summary>One line.</summary>
    public string Summary(bool dryRun) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(dryRun ? "Would replay" : "Replayed")} {Replayed:N0}, stored already {StoredBefore:N0}, not open {NotOpen:N0}, refused {Refused:N0}, not seen stored yet {NotSeen:N0}.");
}
