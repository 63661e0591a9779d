using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SegOps.Bench.Processes;

namespace SegOps.Bench.Running;

/// <summary>Servers that are this executable, started again: processes of their own, so that what they cost can be told from everything else.</summary>
internal static class OwnServer
{
    private const string HealthPath = "/health";

    /// <summary>This executable with <paramref name="arguments"/>, which name a command that calls <see cref="RunAsync"/>; to be started.</summary>
    internal static ServerProcess Create(string name, Uri url, string[] arguments) =>
        new(name, new ChildCommand(Environment.ProcessPath!, arguments), Readiness.Of(new Uri(url, HealthPath).ToString()));

    /// <summary>Serves what <paramref name="map"/> maps, in this process, and nothing that costs beside it.</summary>
    /// <param name="port">Where, on 127.0.0.1.</param>
    /// <param name="map">Adds what it serves.</param>
    /// <param name="addServices">Adds what that needs.</param>
    /// <param name="cancellationToken">Stops it. The command line cancels it at SIGTERM, and lets nothing else know of that before.</param>
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
