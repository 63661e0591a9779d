using SegOps.AppHost.Resources.Redis;
using SegOps.Bench.Load;
using SegOps.Bench.Processes;
using SegOps.Bench.Reporting;
using SegOps.Bench.Running;
using SegOps.Contracts;

namespace SegOps.Bench.Gateway;

/// <summary>Measures the cost of authentication and limits: the gateway against bare YARP, both in front of a server that only reads bodies.</summary>
internal static class GatewayExperiment
{
    /// <summary>Length of the warm-up, in rounds.</summary>
    private const int WarmUp = 3;

    private const int BatchEvents = EventLimits.MaxBatchEvents;

    private static readonly (string Name, string Path, byte[] Body)[] Kinds =
    [
        ("single events", "/api/ingestion/track/", EventBody.Single(1)),
        ($"batches of {BatchEvents}", "/api/ingestion/track/batch/", EventBody.Batch(BatchEvents)),
    ];

    /// <summary>Runs <paramref name="rounds"/> alternating rounds of <paramref name="length"/> for each proxy and kind of request.</summary>
    internal static async Task<Outcome> RunAsync(int rounds, TimeSpan length, Progress progress, CancellationToken cancellationToken)
    {
        var drainUrl = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        var yarpUrl = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        progress.Show("Starting the system");
        await using var drain = Servers.Create(Servers.Drain, drainUrl, upstream: null);
        await drain.StartAsync(cancellationToken);
        await using var yarp = Servers.Create(Servers.BareYarp, yarpUrl, drainUrl);
        await yarp.StartAsync(cancellationToken);
        await using var bench = await BenchSystem.StartAsync(options => options with
        {
            Reroute = (service, part, address) => (service, part) == ("gateway", "ingestion") ? drainUrl.GetLeftPart(UriPartial.Authority) : address,
        }, cancellationToken);

        Proxy[] proxies =
        [
            new("bare YARP", yarpUrl, null, yarp.Child.Id),
            new("gateway", bench.System.GatewayUrl, DemoKeys.Enterprise.Key, bench.System.Parts["gateway"].Id),
        ];
        var table = new Table("requests", "through", "a second", "ratio", "CPU microseconds a request", "ratio of CPU");
        long refused = 0;
        foreach (var (name, path, body) in Kinds)
        {
            var runs = proxies.ToDictionary(proxy => proxy, _ => new List<ProxyRun>());
            for (var round = 0; round <= rounds; round++)
            {
                progress.Show($"{name}: round {round} of {rounds}");
                foreach (var proxy in proxies)
                {
                    // The first round warms up the JIT compiler, whose tiers need time.
                    var run = await proxy.RunAsync(path, body, round == 0 ? WarmUp * length : length, cancellationToken);
                    refused += run.Refused;
                    if (round > 0)
                        runs[proxy].Add(run);
                }
            }
            Add(table, name, proxies, runs);
        }
        return new Outcome
        {
            Conditions = $"Medians of {rounds} rounds of {length.TotalSeconds:0.##} s each, {Proxy.Connections} connections. The load generator shares the cores.",
            Tables = [table],
            Counts = [new ExactCount("Answers other than 202", 0, refused)],
        };
    }

    private static void Add(Table table, string name, Proxy[] proxies, Dictionary<Proxy, List<ProxyRun>> runs)
    {
        var (baseRate, baseCpu) = Medians(runs[proxies[0]]);
        foreach (var proxy in proxies)
        {
            var (rate, cpu) = Medians(runs[proxy]);
            table.Add(name, proxy.Name, Cell.Of(rate, "N0"), Cell.Of(rate / baseRate, "F2"), Cell.Of(cpu, "F0"), Cell.Of(cpu / baseCpu, "F2"));
        }
    }

    private static (double Rate, double Cpu) Medians(List<ProxyRun> runs) =>
        (Statistics.Median(runs.Select(run => run.PerSecond)), Statistics.Median(runs.Select(run => run.CpuMicroseconds)));
}
