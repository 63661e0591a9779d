using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace SegOps.Tests.Fixtures;

/// <summary>One of our services in this process, on a real socket, called as the gateway calls it or a client does.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    /// <summary>By which the services know each other.</summary>
    public const string Secret = "the-internal-secret-of-these-tests";

    private readonly WebApplication _app;

    private RunningService(WebApplication app)
    {
        _app = app;
        // No propagator, or the client would put a trace of its own in place of the test's.
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, ActivityHeadersPropagator = null }) { BaseAddress = new Uri(app.Urls.First()) };
    }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>Every address that it listens on.</summary>
    public IEnumerable<string> Urls => _app.Urls;

    /// <summary>Starts it, without its logs.</summary>
    /// <param name="build">Builds the service: its own Program.Build.</param>
    /// <param name="settings">Command-line arguments; the last one of a name counts.</param>
    /// <param name="configure">Changes its services.</param>
    public static async Task<RunningService> StartAsync(
        Func<string[], Action<WebApplicationBuilder>?, WebApplication> build, string[] settings, Action<WebApplicationBuilder>? configure = null)
    {
        var app = build(
            ["--urls=http://127.0.0.1:0", $"--Internal:Secret={Secret}", .. settings],
            builder =>
            {
                builder.Logging.ClearProviders();
                configure?.Invoke(builder);
            });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new RunningService(app);
    }

    /// <summary>Stops it as SIGTERM does, with all the time that it takes.</summary>
    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

    /// <summary>Breaks it off.</summary>
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }
}
