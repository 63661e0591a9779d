using Microsoft.Extensions.Options;
using SegOps.Monitoring.Pipeline;

namespace SegOps.Monitoring.Audit;

/// <summary>
/// The watermark of the event audit: minutes that ended before it are complete, because their events have had time to arrive and were counted. It
/// does not move while a stage does not work and for the allowed lateness afterwards, because events wait then. It never moves back. What ClickHouse
/// refuses to count does not stop it: the audit leaves out the minutes of the project that holds it, and health reports them.
/// </summary>
internal sealed class Watermark(PipelineMonitor pipeline, IOptions<EventAuditOptions> options, TimeProvider clock)
{
    private readonly Lock _lock = new();

    /// <summary>The watermark; null until all stages have worked for the allowed lateness.</summary>
    internal DateTime? Current { get; private set; }

    /// <summary>The allowed lateness: <c>Ledger:Patience</c>.</summary>
    internal TimeSpan AllowedLateness => options.Value.Patience;

    /// <summary>Advances the watermark as far as possible.</summary>
    /// <param name="waiting">The start of the oldest slice that waits to be counted; null if none does.</param>
    internal DateTime? Advance(DateTime? waiting)
    {
        var now = clock.GetUtcNow();
        lock (_lock)
        {
            if (pipeline.OkSince(now - AllowedLateness) && At(now, waiting, AllowedLateness) is var at && (Current is null || at > Current))
                Current = at;
            return Current;
        }
    }

    /// <summary>The watermark does not pass events that are not counted yet: they are not missing.</summary>
    internal static DateTime At(DateTimeOffset now, DateTime? waiting, TimeSpan allowedLateness)
    {
        var ended = now.UtcDateTime - allowedLateness;
        var until = waiting < ended ? waiting.Value : ended;
        return until.AddTicks(-(until.Ticks % TimeSpan.TicksPerMinute));
    }
}
