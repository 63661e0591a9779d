using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SegOps.AppHost;
using SegOps.AppHost.Data;
using SegOps.AppHost.Resources.Services;

namespace SegOps.Bench.Running;

/// <summary>The whole system on this machine, started by the app host. Used by the end-to-end tests, the chaos test and the experiments.</summary>
internal sealed class LocalSystem : IAsyncDisposable
{
    /// <summary>The services, in the order in which events pass through them.</summary>
    public static readonly IReadOnlyList<string> Services = ["gateway", "ingestion", "ingestor", "monitoring", "segments"];

    /// <summary>The servers that the services need.</summary>
    private static readonly IReadOnlyList<string> Servers = ["redis", "clickhouse", "pubsub"];

    /// <summary>Long enough for the first start, which downloads the ClickHouse engine of 180 MB.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(10);

    /// <summary>Longer than the app host's own timeout for its parts.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromMinutes(3);

    private readonly IDistributedApplicationTestingBuilder _builder;
    private readonly DistributedApplication _app;
    private readonly DataFolder _data;
    private readonly CancellationTokenSource _ended = new();
    private bool _isStopped;

    private LocalSystem(IDistributedApplicationTestingBuilder builder, DistributedApplication app)
    {
        _builder = builder;
        _app = app;
        _data = app.Services.GetRequiredService<DataFolder>();
    }

    /// <summary>The first gateway's URL, such as <c>http://localhost:8080</c>.</summary>
    public Uri GatewayUrl => GatewayUrls[0];

    /// <summary>The URLs of all gateways.</summary>
    public IReadOnlyList<Uri> GatewayUrls { get; private set; } = [];

    /// <summary>The token for the gateway's admin API.</summary>
    public string AdminToken { get; private set; } = "";

    /// <summary>Connection string of ClickHouse.</summary>
    public string ClickHouseConnectionString { get; private set; } = "";

    /// <summary>Redis, in StackExchange.Redis's form.</summary>
    public string RedisConnectionString { get; private set; } = "";

    /// <summary>Connection string of Pub/Sub.</summary>
    public string PubSubConnectionString { get; private set; } = "";

    /// <summary>The parts by name: redis, pubsub, clickhouse, ingestor, ingestion, segments, monitoring, gateway; further instances are ingestor-2 and so on.</summary>
    public IReadOnlyDictionary<string, Part> Parts { get; private set; } = new Dictionary<string, Part>();

    /// <summary>Starts all parts and waits until they are healthy. After a failure or cancellation, all parts are stopped.</summary>
    public static async Task<LocalSystem> StartAsync(LocalSystemOptions options, CancellationToken cancellationToken = default)
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<AppHostOptions>(Arguments(options), cancellationToken);

        // The app host's log would mix with the output of tests and experiments, which report failures themselves.
        builder.Services.AddLogging(logging => logging.ClearProviders()).AddSingleton<IHostLifetime, NoSignals>();
        if (options.Reroute is { } reroute)
            builder.Reroute(reroute);
        var system = new LocalSystem(builder, await builder.BuildAsync(cancellationToken));
        try
        {
            await system.StartAsync(new Follower(system._app, options), options.Instances, cancellationToken);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops all parts in an order that lets each of them drain.</summary>
    public async Task StopAsync()
    {
        if (_isStopped)
            return;
        _isStopped = true;
        await _app.StopAsync().WaitAsync(StopTimeout);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _ended.CancelAsync();
        await _app.DisposeAsync().AsTask().WaitAsync(StopTimeout);
        await _builder.DisposeAsync().AsTask().WaitAsync(StopTimeout);

        // The app host's Main disposes of its own instance on another thread, at an unknown time.
        _data.Dispose();
        _ended.Dispose();
    }

    private static string[] Arguments(LocalSystemOptions options) =>
    [
        "--data", options.DataDirectory, "--port", "0", $"--{AppHostOptions.Section}:{nameof(AppHostOptions.Redis)}={options.RedisKind}",
        string.Create(CultureInfo.InvariantCulture, $"--{AppHostOptions.Section}:{nameof(AppHostOptions.Instances)}={options.Instances}"),
        .. options.PubSubHeapMegabytes is { } megabytes
            ? (string[])[string.Create(CultureInfo.InvariantCulture, $"--{AppHostOptions.Section}:{nameof(AppHostOptions.EmulatorHeapMegabytes)}={megabytes}")]
            : [],
        .. options.ServiceEnvironment.Select(variable => $"--{AppHostOptions.Section}:{nameof(AppHostOptions.Environment)}:{variable.Key}={variable.Value}"),
    ];

    /// <summary>The names of a service's instances.</summary>
    internal static IEnumerable<string> Instances(string service, int count) =>
        Enumerable.Range(1, count).Select(number => number == 1 ? service : string.Create(CultureInfo.InvariantCulture, $"{service}-{number}"));

    private async Task StartAsync(Follower follower, int instances, CancellationToken cancellationToken)
    {
        var parts = Servers.Concat(Services.SelectMany(service => Instances(service, instances))).ToList();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(StartTimeout);
        follower.Follow(parts, _ended.Token);
        await _app.StartAsync(timeout.Token);
        Parts = (await Task.WhenAll(parts.Select(async name =>
        {
            var healthy = await _app.ResourceNotifications.WaitForResourceHealthyAsync(name, timeout.Token);
            return new Part(name, healthy.ResourceId, _app);
        }))).ToDictionary(part => part.Name);

        GatewayUrls = [.. Instances("gateway", instances).Select(gateway => _app.GetEndpoint(gateway, "http"))];
        ClickHouseConnectionString = await _app.GetConnectionStringAsync("clickhouse", timeout.Token) ?? "";
        RedisConnectionString = await _app.GetConnectionStringAsync("redis", timeout.Token) ?? "";
        PubSubConnectionString = await _app.GetConnectionStringAsync("pubsub", timeout.Token) ?? "";
        var parameters = _app.Services.GetRequiredService<DistributedApplicationModel>().Resources.OfType<ParameterResource>();
        AdminToken = await parameters.Single(parameter => parameter.Name == "admin-token").GetValueAsync(timeout.Token) ?? "";
    }

    /// <summary>Ignores signals. The test runner or the command line handles them and disposes of the system.</summary>
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
