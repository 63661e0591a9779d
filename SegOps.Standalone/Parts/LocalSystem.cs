using System.Collections.Concurrent;
using SegOps.Standalone.Processes;

namespace SegOps.Standalone.Parts;

/// <summary>The whole of SegOps on this machine: what Standalone runs and what the end-to-end tests start.</summary>
internal sealed class LocalSystem : IAsyncDisposable
{
    /// <summary>Time for a service to finish what it holds; longer than its own limits, so that only a hanging one is killed.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    private readonly LocalSystemOptions _options;
    private readonly ConcurrentDictionary<string, Supervisor> _parts = new();

    private LocalSystem(LocalSystemOptions options) => _options = options;

    /// <summary>Where clients call, such as <c>http://localhost:8080</c>.</summary>
    public Uri GatewayUrl { get; private set; } = null!;

    /// <summary>Opens the admin API of this gateway until it stops.</summary>
    public string AdminToken { get; private set; } = "";

    /// <summary>Of the Redis in use.</summary>
    public string RedisConnectionString { get; private set; } = "";

    /// <summary>Of the ClickHouse in use.</summary>
    public string ClickHouseConnectionString { get; private set; } = "";

    /// <summary>Of the Pub/Sub in use.</summary>
    public string PubSubConnectionString { get; private set; } = "";

    /// <summary>The parts that run here, by name: redis, pubsub, clickhouse, ingestor, ingestion, monitoring, gateway.</summary>
    public IReadOnlyDictionary<string, ServerProcess> Parts => _parts.ToDictionary(part => part.Key, part => part.Value.Server);

    /// <summary>Starts everything and waits until it answers; after a failure or cancellation nothing runs.</summary>
    /// <exception cref="ServerStartException">A part did not start.</exception>
    public static async Task<LocalSystem> StartAsync(LocalSystemOptions options, CancellationToken cancellationToken = default)
    {
        var system = new LocalSystem(options);
        try
        {
            await system.StartInfrastructureAsync(cancellationToken);
            await system.StartServicesAsync(cancellationToken);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops everything in the order that lets each part hand on what it holds: who takes in first, who stores last.</summary>
    public async Task StopAsync()
    {
        foreach (var service in Services.Names)
            await StopPartAsync(service);
        await Task.WhenAll(StopPartAsync("clickhouse"), StopPartAsync("pubsub"), StopPartAsync("redis"));
    }

    /// <summary>Stops one part, which stays stopped until somebody starts it again by <see cref="Parts"/>.</summary>
    public Task StopPartAsync(string part) => _parts.TryGetValue(part, out var supervisor) ? supervisor.StopAsync(Grace) : Task.CompletedTask;

    /// <summary>Ends every part at once, by SIGKILL.</summary>
    public void Kill()
    {
        foreach (var part in _parts.Values)
            part.Server.Child.Kill();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (var part in _parts.Values)
            await part.DisposeAsync();
    }

    private async Task StartInfrastructureAsync(CancellationToken cancellationToken) => await Task.WhenAll(
        StartRedisAsync(cancellationToken), StartClickHouseAsync(cancellationToken), StartPubSubAsync(cancellationToken));

    private async Task StartRedisAsync(CancellationToken cancellationToken)
    {
        if (_options.Redis is null)
        {
            var folder = Path.Combine(_options.DataDirectory, "redis");
            RedisConnectionString = (await StartAsync("redis", onLine =>
                RedisServer.StartAsync(folder, _options.RedisKind, onLine: onLine, cancellationToken: cancellationToken), redis => redis.Server)).ConnectionString;
        }
        else
        {
            RedisConnectionString = _options.Redis;
        }
        if (DemoKeys.MayBeWrittenTo(RedisConnectionString))
            await DemoKeys.WriteAsync(RedisConnectionString);
    }

    private async Task StartClickHouseAsync(CancellationToken cancellationToken)
    {
        if (_options.ClickHouse is { } external)
        {
            ClickHouseConnectionString = external;
            return;
        }
        var folder = Path.Combine(_options.DataDirectory, "clickhouse");
        await ClickHouseServer.FetchEngineAsync(line => _options.OnProgress("clickhouse", line), cancellationToken);
        ClickHouseConnectionString = (await StartAsync("clickhouse", onLine =>
            ClickHouseServer.StartAsync(folder, onLine: onLine, cancellationToken: cancellationToken), clickHouse => clickHouse.Server)).ConnectionString;
    }

    private async Task StartPubSubAsync(CancellationToken cancellationToken) =>
        PubSubConnectionString = _options.PubSub ?? (await StartAsync("pubsub", onLine =>
            PubSubEmulator.StartAsync(heapMegabytes: _options.PubSubHeapMegabytes, onLine: onLine, cancellationToken: cancellationToken), emulator => emulator.Server)).ConnectionString;

    private async Task StartServicesAsync(CancellationToken cancellationToken)
    {
        var services = new Services(RedisConnectionString, ClickHouseConnectionString, PubSubConnectionString, _options);
        GatewayUrl = services.GatewayUrl;
        AdminToken = services.AdminToken;
        await Task.WhenAll(Start("ingestor"), Start("ingestion"), Start("monitoring"));
        await Start("gateway");

        Task Start(string name) => StartAsync(name, onLine => services.StartAsync(name, onLine, cancellationToken), server => server);
    }

    private async Task<T> StartAsync<T>(string name, Func<Action<string>, Task<T>> start, Func<T, ServerProcess> serverOf)
    {
        var began = TimeProvider.System.GetTimestamp();
        var part = await start(line => _options.OnLine(name, line));
        var server = serverOf(part);
        server.OnProcess = id => _options.OnProcess(name, id);
        _options.OnProcess(name, server.Child.Id);
        var supervisor = new Supervisor(server, sentence => _options.OnIncident(name, sentence));
        _parts[name] = supervisor;
        supervisor.Watch();
        _options.OnReady(name, TimeProvider.System.GetElapsedTime(began));
        return part;
    }
}
