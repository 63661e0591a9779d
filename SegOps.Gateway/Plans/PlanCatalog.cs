using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Options;
using SegOps.Contracts;

namespace SegOps.Gateway.Plans;

/// <summary>Finds the limits of a project: those of its plan, or its own if the plan allows them.</summary>
internal sealed partial class PlanCatalog(IOptions<PlansOptions> options, ILogger<PlanCatalog> logger)
{
    private readonly ConcurrentDictionary<string, bool> _reported = new();

    /// <summary>
    /// The limits of a project. An unknown plan or an invalid figure counts as the free plan, so that a mistake in a project's record never
    /// lifts a limit. It is logged once for each project.
    /// </summary>
    /// <param name="projectId">The project, for the log.</param>
    /// <param name="plan">One of <see cref="PlanNames"/>.</param>
    /// <param name="callsPerMinute">The project's own limit as stored; null for the plan's. Only enterprise uses it.</param>
    /// <param name="eventsPerMonth">The same for events.</param>
    internal ProjectLimits Of(string projectId, string plan, string? callsPerMinute, string? eventsPerMonth)
    {
        if (options.Value.Find(plan) is not { } figures)
            return Invalid(projectId);
        var limits = new ProjectLimits(figures.CallsPerMinute, figures.EventsPerMonth);
        if (plan != PlanNames.Enterprise)
            return limits;

        if (callsPerMinute is not null)
        {
            if (Read(callsPerMinute) is not (> 0 and <= PlanOptions.MostCallsPerMinute and var calls))
                return Invalid(projectId);
            limits = limits with { CallsPerMinute = (int)calls };
        }
        if (eventsPerMonth is not null)
        {
            if (Read(eventsPerMonth) is not (> 0 and var events))
                return Invalid(projectId);
            limits = limits with { EventsPerMonth = events };
        }
        return limits;
    }

    private static long? Read(string figure) =>
        long.TryParse(figure, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private ProjectLimits Invalid(string projectId)
    {
        if (_reported.TryAdd(projectId, true))
            LogInvalid(projectId);
        var free = options.Value.Free;
        return new(free.CallsPerMinute, free.EventsPerMonth);
    }

    [LoggerMessage(LogLevel.Warning, "The plan or a limit of project {ProjectId} is invalid: the free plan applies until it is corrected.")]
    private partial void LogInvalid(string projectId);
}

/// <summary>The limits of one project.</summary>
/// <param name="CallsPerMinute">Calls within any 60 seconds.</param>
/// <param name="EventsPerMonth">Live events within a calendar month (UTC); null if unlimited.</param>
internal readonly record struct ProjectLimits(int CallsPerMinute, long? EventsPerMonth);
