using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SegOps.ServiceDefaults.Health;

/// <summary>The probes that orchestrators and Monitoring call.</summary>
public static class HealthEndpoints
{
    /// <summary>200 when healthy or degraded, 503 when not: every check of the service, as a <see cref="HealthAnswer"/>.</summary>
    public const string ReadinessPath = "/health";

    /// <summary>200 as long as the process answers, whatever its dependencies do.</summary>
    public const string LivenessPath = "/alive";

    private const string LiveTag = "live";

    /// <summary>Whether <paramref name="path"/> is one of the probes, which are left out of traces.</summary>
    public static bool IsProbe(PathString path) => path.StartsWithSegments(ReadinessPath) || path.StartsWithSegments(LivenessPath);

    /// <summary>Adds the check that only shows that the process answers; features add their own.</summary>
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
