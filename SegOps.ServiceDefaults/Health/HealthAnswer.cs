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
                entry.Value.Data.GetValueOrDefault(HealthData.Since) as DateTimeOffset?)));

    private static string Name(HealthStatus status) => status.ToString().ToLowerInvariant();
}

/// <summary>State of one check.</summary>
/// <param name="Status">healthy, degraded or unhealthy.</param>
/// <param name="Reason">Why it is not healthy, for people; free of secrets and addresses.</param>
/// <param name="Since">Since when it is not; null when it is healthy or the check does not know.</param>
public sealed record HealthCheckAnswer(string Status, string? Reason, DateTimeOffset? Since = null);

/// <summary>Keys of a check's data that the answer shows.</summary>
public static class HealthData
{
    /// <summary>Key of a <see cref="DateTimeOffset"/>: since when the check is not healthy.</summary>
    public const string Since = "since";
}

/// <summary>Serialisation of <see cref="HealthAnswer"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HealthAnswer))]
public sealed partial class HealthJson : JsonSerializerContext;
