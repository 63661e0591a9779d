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
    /// <summary>Answers a <see cref="HealthAnswer"/> of all checks: 200 when healthy or degraded, 503 when unhealthy.</summary>
    public const string ReadinessPath = "/health";

    /// <summary>Answers 200 while the process runs, whatever the state of its dependencies.</summary>
    public const string LivenessPath = "/alive";

    private const string LiveTag = "live";

    /// <summary>Whether <paramref name="path"/> is one of the probes. Traces leave them out.</summary>
    public static bool IsProbe(PathString path) => path.StartsWithSegments(ReadinessPath) || path.StartsWithSegments(LivenessPath);

    /// <summary>Adds the check behind <see cref="LivenessPath"/>; features add their own.</summary>
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

/// <summary>State of one check.</summary>
/// <param name="Status">healthy, degraded or unhealthy.</param>
/// <param name="Reason">Why it is not healthy, for people. Never holds secrets or addresses.</param>
/// <param name="Since">When this state began; null when the check does not know.</param>
/// <param name="State">State of what the check observes, where <paramref name="Status"/> describes this service alone; null otherwise.</param>
/// <param name="Backlog">Events that wait; null when the check counts none.</param>
public sealed record HealthCheckAnswer(string Status, string? Reason, DateTimeOffset? Since = null, string? State = null, Backlog? Backlog = null);

/// <summary>Events that wait to be passed on.</summary>
/// <param name="Events">How many; null when unknown.</param>
/// <param name="OldestSeconds">How long the oldest has waited, in seconds; 0 when none waits.</param>
public sealed record Backlog(long? Events, double OldestSeconds);

/// <summary>Keys of <see cref="HealthCheckResult.Data"/> that the answer shows.</summary>
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
