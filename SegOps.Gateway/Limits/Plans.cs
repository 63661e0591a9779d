using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Options;
using SegOps.Contracts;

namespace SegOps.Gateway.Limits;

/// <summary>Finds what a project may use: its plan's figures, or its own where the plan allows that.</summary>
internal sealed partial class Plans(IOptions<PlansOptions> options, ILogger<Plans> logger)
{
    private readonly ConcurrentDictionary<string, bool> _reported = new();

    /// <summary>
    /// The limits of a project. Whatever cannot be understood counts as the free plan, since a slip of whoever writes projects must not
    /// open the gates; it is logged once.
    /// </summary>
    /// <param name="projectId">The project, for the log.</param>
    /// <param name="plan">One of <see cref="PlanNames"/>.</param>
    /// <param name="callsPerMinute">The project's own figure as stored; null for the plan's. Counts for enterprise only.</param>
    /// <param name="eventsPerMonth">The same for events.</param>
    internal ProjectLimits Of(string projectId, string plan, string? callsPerMinute, string? eventsPerMonth)
    {
        if (options.Value.Find(plan) is not { } figures)
            return NotUnderstood(projectId);
        var limits = new ProjectLimits(figures.CallsPerMinute, figures.EventsPerMonth);
        if (plan != PlanNames.Enterprise)
            return limits;

        if (callsPerMinute is not null)
        {
            if (Read(callsPerMinute) is not (> 0 and <= PlanOptions.MostCallsPerMinute and var calls))
                return NotUnderstood(projectId);
            limits = limits with { CallsPerMinute = (int)calls };
        }
        if (eventsPerMonth is not null)
        {
            if (Read(eventsPerMonth) is not (> 0 and var events))
                return NotUnderstood(projectId);
            limits = limits with { EventsPerMonth = events };
        }
        return limits;
    }

    private static long? Read(string figure) =>
        long.TryParse(figure, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private ProjectLimits NotUnderstood(string projectId)
    {
        if (_reported.TryAdd(projectId, true))
            LogNotUnderstood(projectId);
        var free = options.Value.Free;
        return new(free.CallsPerMinute, free.EventsPerMonth);
    }

    [LoggerMessage(LogLevel.Warning, "The plan or a limit of project {ProjectId} cannot be understood: it counts as the free plan until it is mended.")]
    private partial void LogNotUnderstood(string projectId);
}
