using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SegOps.ServiceDefaults.Health;

/// <summary>The probes that orchestrators and Monitoring call.</summary>
public static class HealthEndpoints
{
    /// <summary>Returns a <see cref="HealthAnswer"/> of all checks: 200 if healthy or degraded, 503 if unhealthy.</summary>
    public const string ReadinessPath = "/health";

    /// <summary>Returns 200 while the process runs, regardless of its dependencies.</summary>
    public const string LivenessPath = "/alive";

    private const string LiveTag = "live";

    /// <summary>Whether <paramref name="path"/> is a probe. Probes are not traced.</summary>
    public static bool IsProbe(PathString path) => path.StartsWithSegments(ReadinessPath) || path.StartsWithSegments(LivenessPath);

    /// <summary>Adds the check of <see cref="LivenessPath"/>. Features add their own checks.</summary>
    public static IServiceCollection AddHealth(this IServiceCollection services)
    {
        services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [LiveTag]);
        return services;
    }

    /// <summary>Maps both probes, in every environment.</summary>
    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapHealthChecks(ReadinessPath, new() { ResponseWriter = WriteAsync });
        endpoints.MapHealthChecks(LivenessPath, new() { Predicate = check => check.Tags.Contains(LiveTag), ResponseWriter = WriteAsync });
        return endpoints;
    }

    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(
            context.Response.Body, HealthAnswer.From(report), HealthJson.Default.HealthAnswer, context.RequestAborted);
    }
}

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

/// <summary>The state of a check.</summary>
/// <param name="Status">healthy, degraded or unhealthy.</param>
/// <param name="Reason">The reason if it is not healthy. Never contains secrets or addresses.</param>
/// <param name="Since">The time at which this state began; null if unknown.</param>
/// <param name="State">The state of the observed stage, if <paramref name="Status"/> describes only this service; else null.</param>
/// <param name="Backlog">The waiting events; null if the check does not count them.</param>
public sealed record HealthCheckAnswer(string Status, string? Reason, DateTimeOffset? Since = null, string? State = null, Backlog? Backlog = null);

/// <summary>Events that wait in a stage.</summary>
/// <param name="Events">Their number; null if unknown.</param>
/// <param name="OldestSeconds">Wait of the oldest, in seconds; 0 if there is none.</param>
public sealed record Backlog(long? Events, double OldestSeconds);

/// <summary>Keys of <see cref="HealthCheckResult.Data"/> that the answer includes.</summary>
public static class HealthData
{
    /// <summary>Key of a <see cref="DateTimeOffset"/>: see <see cref="HealthCheckAnswer.Since"/>.</summary>
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
