using Microsoft.Extensions.Options;
using SegOps.Monitoring.Pipeline;
using SegOps.Monitoring.Rollups;

namespace SegOps.Monitoring.Audit;

/// <summary>
/// The watermark of the event audit: minutes that ended before it are complete, because their events have had time to arrive. It does not move
/// while a stage does not work and for the allowed lateness afterwards, because events wait then. It never moves back.
/// </summary>
internal sealed class Watermark(PipelineMonitor pipeline, RollupWorker rollups, IOptions<EventAuditOptions> options, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private DateTime? _current;

    /// <summary>The allowed lateness: <c>Ledger:Patience</c>.</summary>
    internal TimeSpan AllowedLateness => options.Value.Patience;

    /// <summary>Advances the watermark as far as possible. Null until all stages have worked for the allowed lateness.</summary>
    internal DateTime? Advance()
    {
        var now = clock.GetUtcNow();
        lock (_lock)
        {
            if (pipeline.OkSince(now - AllowedLateness))
                _current = Later(_current, At(now, rollups.UpToDateAt, AllowedLateness));
            return _current;
        }
    }

    /// <summary>The watermark does not pass the roll-ups: events that they have not counted yet are not missing.</summary>
    internal static DateTime? At(DateTimeOffset now, DateTimeOffset? upToDateAt, TimeSpan allowedLateness)
    {
        if (upToDateAt is not { } counted)
            return null;
        var until = (counted < now ? counted : now).UtcDateTime - allowedLateness;
        return until.AddTicks(-(until.Ticks % TimeSpan.TicksPerMinute));
    }

    private static DateTime? Later(DateTime? one, DateTime? other) => one is null || other > one ? other ?? one : one;
}
