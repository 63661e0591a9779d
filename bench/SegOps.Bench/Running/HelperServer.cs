using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SegOps.Bench.Processes;

namespace SegOps.Bench.Running;

/// <summary>Servers in separate processes of this executable, so that their cost can be measured separately.</summary>
internal static class HelperServer
{
    private const string HealthPath = "/health";

    /// <summary>Creates a server without starting it. <paramref name="arguments"/> name a command that calls <see cref="RunAsync"/>.</summary>
    internal static ServerProcess Create(string name, Uri url, string[] arguments) =>
        new(name, new ChildCommand(Environment.ProcessPath!, arguments), Readiness.Of(new Uri(url, HealthPath).ToString()));

    /// <summary>Runs a minimal server in this process.</summary>
    /// <param name="port">Port on 127.0.0.1.</param>
    /// <param name="map">Maps the endpoints.</param>
    /// <param name="addServices">Adds the services of the endpoints.</param>
    /// <param name="cancellationToken">Stops the server. The command line cancels it on SIGTERM.</param>
    internal static async Task RunAsync(int port, Action<WebApplication> map, Action<IServiceCollection>? addServices, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        addServices?.Invoke(builder.Services);
        await using var app = builder.Build();
        app.Urls.Add($"http://127.0.0.1:{port}");
        app.MapGet(HealthPath, () => Results.Ok());
        map(app);
        await ((IHost)app).RunAsync(cancellationToken);
    }
}
