using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SegOps.Standalone.Processes;

namespace SegOps.Bench.Running;

/// <summary>Servers that are this executable, started again: processes of their own, so that what they cost can be told from everything else.</summary>
internal static class OwnServer
{
    private const string HealthPath = "/health";

    /// <summary>This executable with <paramref name="arguments"/>, which name a command that calls <see cref="RunAsync"/>; to be started.</summary>
    internal static ServerProcess Create(string name, Uri url, string[] arguments) =>
        new(name, new ChildCommand(Environment.ProcessPath!, arguments), HttpProbe.For(new Uri(url, HealthPath).ToString()));

    /// <summary>Serves what <paramref name="map"/> maps, in this process until SIGTERM, and nothing that costs beside it.</summary>
    internal static async Task RunAsync(int port, Action<WebApplication> map, Action<IServiceCollection>? addServices = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        addServices?.Invoke(builder.Services);
        await using var app = builder.Build();
        app.Urls.Add($"http://127.0.0.1:{port}");
        app.MapGet(HealthPath, () => Results.Ok());
        map(app);
        await app.RunAsync();
    }
}
