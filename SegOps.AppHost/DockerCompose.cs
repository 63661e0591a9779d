#if DOCKER_COMPOSE
using Aspire.Hosting.Docker.Resources;

namespace SegOps.AppHost;

/// <summary>What `aspire publish` writes beyond the app model: restarts, health checks and what waits for them, a pinned dashboard.</summary>
internal static class DockerCompose
{
    private const string DashboardTag = "13.1.0";

    // Run inside the container, whose own tools they use; $$ is compose's way to write a $ for the container's shell.
    private static readonly Dictionary<string, string> HealthChecks = new()
    {
        ["redis"] = "REDISCLI_AUTH=$$REDIS_PASSWORD redis-cli ping | grep -q PONG",
        ["clickhouse-server"] = "wget -q -O /dev/null http://127.0.0.1:8123/ping",
    };

    /// <summary>Adds the environment that docker compose files are written for; F5 ignores it.</summary>
    public static void AddDockerCompose(this IDistributedApplicationBuilder builder) =>
        builder.AddDockerComposeEnvironment("compose")
            .WithDashboard(dashboard => dashboard.WithImage("mcr.microsoft.com/dotnet/aspire-dashboard", DashboardTag))
            .ConfigureComposeFile(Complete)
            .ExcludeFromManifest();

    private static void Complete(ComposeFile file)
    {
        foreach (var (name, service) in file.Services)
        {
            service.Restart ??= "unless-stopped";
            if (HealthChecks.TryGetValue(name, out var command))
                service.Healthcheck = new() { Test = ["CMD-SHELL", command], Interval = "5s", Timeout = "3s", Retries = 12, StartPeriod = "10s" };
            foreach (var (dependency, condition) in service.DependsOn)
                condition.Condition = HealthChecks.ContainsKey(dependency) ? "service_healthy" : condition.Condition;
        }
    }
}
#endif
