using System.Text.Json.Serialization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SegOps.ServiceDefaults.Health;

/// <summary>Body of <see cref="HealthEndpoints.ReadinessPath"/>.</summary>
/// <param name="Status">healthy, degraded or unhealthy: the worst of <paramref name="Checks"/>.</param>
/// <param name="Checks">Each check by its name.</param>
public sealed record HealthAnswer(string Status, IReadOnlyDictionary<string, HealthCheckAnswer> Checks)
{
    internal static HealthAnswer From(HealthReport report) => new(
        Name(report.Status),
        report.Entries.ToDictionary(
            entry => entry.Key,
            entry => new HealthCheckAnswer(
                Name(entry.Value.Status),
                entry.Value.Description,
                entry.Value.Data.GetValueOrDefault(HealthData.Since) as DateTimeOffset?,
                entry.Value.Data.GetValueOrDefault(HealthData.State) as string,
                entry.Value.Data.GetValueOrDefault(HealthData.Backlog) as Backlog)));

    private static string Name(HealthStatus status) => status.ToString().ToLowerInvariant();
}

/// <summary>State of one check.</summary>
/// <param name="Status">healthy, degraded or unhealthy.</param>
/// <param name="Reason">Why it is not healthy, for people; free of secrets and addresses.</param>
/// <param name="Since">Since when it is in this state; null when the check does not know.</param>
/// <param name="State">What the check looks at does, where that is more than its status tells: a service that only watches stays in service.</param>
/// <param name="Backlog">What waits; null when the check counts nothing that could.</param>
public sealed record HealthCheckAnswer(string Status, string? Reason, DateTimeOffset? Since = null, string? State = null, Backlog? Backlog = null);

/// <summary>Events that wait to be passed on.</summary>
/// <param name="Events">How many; null when that is not known.</param>
/// <param name="OldestSeconds">How long the oldest has been waiting; 0 when none does.</param>
public sealed record Backlog(long? Events, double OldestSeconds);

/// <summary>Keys of a check's data that the answer shows.</summary>
public static class HealthData
{
    /// <summary>Key of a <see cref="DateTimeOffset"/>: since when the check is in its state.</summary>
    public const string Since = "since";

    /// <summary>Key of a string: see <see cref="HealthCheckAnswer.State"/>.</summary>
    public const string State = "state";

    /// <summary>Key of a <see cref="Health.Backlog"/>.</summary>
    public const string Backlog = "backlog";
}

/// <summary>Serialisation of <see cref="HealthAnswer"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HealthAnswer))]
public sealed partial class HealthJson : JsonSerializerContext;
