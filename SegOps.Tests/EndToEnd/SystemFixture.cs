using System.Collections.Concurrent;
using SegOps.AppHost.Resources.Redis;
using SegOps.Bench.Running;
using SegOps.Tests.EndToEnd.Otlp;
using SegOps.Tests.Fixtures;

[assembly: AssemblyFixture(typeof(SegOps.Tests.EndToEnd.SystemFixture))]

namespace SegOps.Tests.EndToEnd;

/// <summary>The whole system, started once for all end-to-end tests when first asked for, with a collector for its telemetry.</summary>
public sealed class SystemFixture : IAsyncDisposable
{
    private readonly TemporaryFolder _data = new();
    private readonly LazyStart<RunningSystem> _system;

    public SystemFixture() => _system = new(() => RunningSystem.StartAsync(_data.Path));

    internal Task<RunningSystem> GetAsync() => _system.GetAsync();

    public async ValueTask DisposeAsync()
    {
        await _system.DisposeAsync();
        _data.Dispose();
    }
}

/// <summary>A started system and what tests reach it by.</summary>
internal sealed class RunningSystem : IAsyncDisposable
{
    private RunningSystem(LocalSystem system, OtlpReceiver telemetry, ConcurrentQueue<string> output)
    {
        System = system;
        Telemetry = telemetry;
        Output = output;
        Api = new Api(system.GatewayUrl);
        Admin = new AdminApi(system.GatewayUrl, system.AdminToken);
        Warehouse = new Warehouse(system.ClickHouseConnectionString);
    }

    public LocalSystem System { get; }

    public OtlpReceiver Telemetry { get; }

    /// <summary>Every line that any part has printed.</summary>
    public ConcurrentQueue<string> Output { get; }

    public Api Api { get; }

    public AdminApi Admin { get; }

    public Warehouse Warehouse { get; }

    /// <summary>Starts a system on <paramref name="dataDirectory"/>, through which one event has gone already.</summary>
    public static async Task<RunningSystem> StartAsync(string dataDirectory)
    {
        var output = new ConcurrentQueue<string>();
        var telemetry = await OtlpReceiver.StartAsync();
        var system = await LocalSystem.StartAsync(new LocalSystemOptions
        {
            DataDirectory = dataDirectory,
            OnLine = (part, line) => output.Enqueue($"{part}: {line}"),
            ServiceEnvironment = new Dictionary<string, string>
            {
                // A busy machine must not look like a dependency that is away.
                ["PubSub__Publisher__MessageDeadline"] = "00:01:00",
                ["Redis__Deadline"] = "00:00:10",
                // Each page of the browser tests has a project of its own.
                ["Admin__CallsPerMinute"] = "100000",
                // CrashTests look for every refused request in the list of errors, which adds up the further ones by default.
                ["Rejections__RowsPerMinute"] = "1000000",
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = telemetry.Endpoint,
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc",
                ["OTEL_METRIC_EXPORT_INTERVAL"] = "1000",
                ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
                ["OTEL_BLRP_SCHEDULE_DELAY"] = "200",
            },
        });
        var running = new RunningSystem(system, telemetry, output);
        await running.WarmUpAsync();
        return running;
    }

    /// <summary>Stops a part until what is returned is disposed of.</summary>
    public async Task<IAsyncDisposable> WithoutAsync(string part)
    {
        await System.Parts[part].StopAsync(TestContext.Current.CancellationToken);
        return new Stopped(System.Parts[part]);
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        Admin.Dispose();
        await System.DisposeAsync();
        await Telemetry.DisposeAsync();
    }

    /// <summary>The first request of a .NET process compiles its code: no promise about time is made for it.</summary>
    private async Task WarmUpAsync()
    {
        var answer = await Api.TrackAsync(DemoKeys.Enterprise.Key, """{"user_id":"warm-up","event_type":"system_started"}""");
        await Eventually.IsAsync(1, () => Warehouse.CountAsync(answer.RequestId));
    }

    private sealed class Stopped(Part part) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await part.StartAsync(CancellationToken.None);
    }
}
