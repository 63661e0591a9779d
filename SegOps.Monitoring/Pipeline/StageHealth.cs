using System.Text.Json.Serialization;
using SegOps.ServiceDefaults.Health;

namespace SegOps.Monitoring.Pipeline;

/// <summary>Body of <c>GET /api/monitoring/health</c>.</summary>
/// <param name="Status">The worst of the stages.</param>
/// <param name="CheckedAt">The oldest of the stages' last checks.</param>
/// <param name="Stages">The stages in the order of the data.</param>
/// <param name="Services">The services before the event stream, whose instances are watched too. They are not part of <paramref name="Status"/>.</param>
internal sealed record PipelineAnswer(
    StageState Status, DateTimeOffset CheckedAt, IReadOnlyList<StageHealth> Stages, IReadOnlyList<ServiceHealth> Services);

/// <summary>The health of a service before the event stream.</summary>
/// <param name="Service">Its name.</param>
/// <param name="State">Its state.</param>
/// <param name="Reason">The reason if it is not ok, without addresses and secrets.</param>
/// <param name="Since">The time at which this state began.</param>
/// <param name="CheckedAt">The time of the last check.</param>
/// <param name="Instances">Its instances; null before the first check.</param>
internal sealed record ServiceHealth(
    string Service, StageState State, string? Reason, DateTimeOffset Since, DateTimeOffset CheckedAt, InstanceCount? Instances)
{
    internal static ServiceHealth Of(StageHealth health) =>
        new(health.Stage, health.State, health.Reason, health.Since, health.CheckedAt, health.Instances);
}

/// <summary>The instances of a service.</summary>
/// <param name="Known">Their number, without those that were stopped on purpose.</param>
/// <param name="Ok">The number of those that are ok.</param>
internal sealed record InstanceCount(int Known, int Ok);

/// <summary>The health of a stage.</summary>
/// <param name="Stage">Its name.</param>
/// <param name="State">Its state.</param>
/// <param name="Reason">The reason if it is not ok, without addresses and secrets.</param>
/// <param name="Since">The time at which this state began.</param>
/// <param name="CheckedAt">The time of the last check.</param>
/// <param name="LatencyMs">Duration of the last check; null before the first.</param>
/// <param name="Backlog">The waiting events; null if there are none, or if unknown.</param>
/// <param name="Instances">The instances of a service of ours; null for others, and before the first check.</param>
internal sealed record StageHealth(
    string Stage, StageState State, string? Reason, DateTimeOffset Since, DateTimeOffset CheckedAt, double? LatencyMs = null, Backlog? Backlog = null,
    InstanceCount? Instances = null)
{
    /// <summary>A stage before its first check.</summary>
    internal static StageHealth Unknown(string stage, DateTimeOffset now) => new(stage, StageState.Degraded, "It has not been checked yet.", now, now);

    /// <summary>The stage after a check. <see cref="Since"/> changes only with the state.</summary>
    internal StageHealth After(StageResult result, DateTimeOffset now, TimeSpan took) => this with
    {
        State = result.State,
        Reason = result.Reason,
        Since = result.State == State ? Since : now,
        CheckedAt = now,
        LatencyMs = Math.Round(took.TotalMilliseconds, 1),
        Backlog = result.Backlog,
        Instances = result.Instances,
    };
}

/// <summary>Result of a check.</summary>
internal sealed record StageResult(StageState State, string? Reason, Backlog? Backlog = null)
{
    internal static readonly StageResult Ok = new(StageState.Ok, null);

    /// <summary>The instances of a service of ours.</summary>
    internal InstanceCount? Instances { get; init; }
}

/// <summary>State of a stage, from best to worst.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StageState>))]
internal enum StageState
{
    /// <summary>Works.</summary>
    [JsonStringEnumMemberName("ok")]
    Ok,

    /// <summary>Works in part, or is slow.</summary>
    [JsonStringEnumMemberName("degraded")]
    Degraded,

    /// <summary>Does not work.</summary>
    [JsonStringEnumMemberName("down")]
    Down,
}
