using Microsoft.Extensions.Options;
using SegOps.Monitoring.Pipeline;
using SegOps.Monitoring.Rollups;

namespace SegOps.Monitoring.Ledger;

/// <summary>
/// Tells which minutes are settled: their events have had their time to arrive. Not while a stage is not well, nor for <c>Ledger:Patience</c>
/// afterwards, for then events wait; a minute that was settled before stays so.
/// </summary>
internal sealed class Settlement(PipelineMonitor pipeline, RollupWorker rollups, IOptions<LedgerOptions> options, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private DateTime? _before;

    /// <summary>How long a minute is waited for after its end.</summary>
    internal TimeSpan Patience => options.Value.Patience;

    /// <summary>Minutes that ended by then are settled; null as long as the stages have not been well for long enough since Monitoring started.</summary>
    internal DateTime? Before()
    {
        var now = clock.GetUtcNow();
        lock (_lock)
        {
            if (pipeline.OkSince(now - Patience))
                _before = Later(_before, At(now, rollups.UpToDateAt, Patience));
            return _before;
        }
    }

    /// <summary>Only what was looked at since can be missed: when volumes are not kept up to date, nothing is settled either.</summary>
    internal static DateTime? At(DateTimeOffset now, DateTimeOffset? upToDateAt, TimeSpan patience)
    {
        if (upToDateAt is not { } counted)
            return null;
        var until = (counted < now ? counted : now).UtcDateTime - patience;
        return until.AddTicks(-(until.Ticks % TimeSpan.TicksPerMinute));
    }

    private static DateTime? Later(DateTime? one, DateTime? other) => one is null || other > one ? other ?? one : one;
}
