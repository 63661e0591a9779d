using System.Diagnostics;
using System.Globalization;
using SegOps.Bench.Load;
using SegOps.Bench.Reporting;
using SegOps.Contracts;
using SegOps.Standalone;
using SegOps.Standalone.Parts;
using SegOps.Standalone.Processes;

namespace SegOps.Bench.Gateway;

/// <summary>What authentication and limits cost: the gateway beside bare YARP, both before the same server, which only drains bodies.</summary>
internal static class GatewayExperiment
{
    private const int BatchEvents = EventLimits.MaxBatchEvents;
    private const int Connections = 16;

    /// <summary>Runs <paramref name="rounds"/> rounds of <paramref name="length"/> for each of the four, alternating.</summary>
    internal static async Task<int> RunAsync(int rounds, TimeSpan length, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("segops-gateway-");
        var drainUrl = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        var yarpUrl = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        try
        {
            await using var drain = await Servers.StartAsync(Servers.Drain, drainUrl, behind: null, cancellationToken);
            await using var yarp = await Servers.StartAsync(Servers.BareYarp, yarpUrl, drainUrl, cancellationToken);
            await using var system = await LocalSystem.StartAsync(new LocalSystemOptions
            {
                DataDirectory = folder.FullName,
                Reroute = (service, part, address) => (service, part) == ("gateway", "ingestion") ? drainUrl.GetLeftPart(UriPartial.Authority) : address,
                ServiceEnvironment = new Dictionary<string, string?> { ["Plans__Enterprise__CallsPerMinute"] = "1000000", ["Canary__Enabled"] = "false" },
            }, cancellationToken);

            var gateway = new Proxy("gateway", system.GatewayUrl, DemoKeys.Enterprise.Key, system.Parts["gateway"].Child.Id);
            var bare = new Proxy("bare YARP", yarpUrl, null, yarp.Child.Id);
            var table = new Table("requests", "through", "a second", "ratio", "CPU microseconds a request", "ratio");
            var succeeded = await MeasureAsync("single events", "/api/ingestion/track/", EventBody.Single(1), bare, gateway);
            succeeded &= await MeasureAsync($"batches of {BatchEvents}", "/api/ingestion/track/batch/", EventBody.Batch(BatchEvents), bare, gateway);
            Console.WriteLine($"Medians of {rounds} rounds of {length.TotalSeconds:0.#} s each, {Connections} connections, {Environment.ProcessorCount} cores.");
            Console.WriteLine(table);
            return succeeded ? 0 : 1;

            async Task<bool> MeasureAsync(string name, string path, byte[] body, params Proxy[] proxies)
            {
                var runs = proxies.ToDictionary(proxy => proxy, _ => new List<(double PerSecond, double Cpu)>());
                var allSucceeded = true;
                for (var round = 0; round <= rounds; round++)
                {
                    foreach (var proxy in proxies)
                    {
                        var (run, succeeds) = await proxy.RunAsync(path, body, Connections, length, cancellationToken);
                        allSucceeded &= succeeds;
                        if (round > 0) // the first compiles code
                            runs[proxy].Add(run);
                    }
                    Console.Write($"\r{name}: round {round} of {rounds} ");
                }
                Console.WriteLine();
                var (baseRate, baseCpu) = (Statistics.Median(runs[proxies[0]].Select(run => run.PerSecond)), Statistics.Median(runs[proxies[0]].Select(run => run.Cpu)));
                foreach (var proxy in proxies)
                {
                    var (rate, cpu) = (Statistics.Median(runs[proxy].Select(run => run.PerSecond)), Statistics.Median(runs[proxy].Select(run => run.Cpu)));
                    table.Add(name, proxy.Name, Text(rate, "N0"), Text(rate / baseRate, "F2"), Text(cpu, "F0"), Text(cpu / baseCpu, "F2"));
                }
                return allSucceeded;
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>One of the two that are compared.</summary>
    private sealed record Proxy(string Name, Uri Url, string? Key, int ProcessId)
    {
        /// <summary>Sends as many requests as are answered.</summary>
        internal async Task<((double PerSecond, double Cpu) Run, bool Succeeded)> RunAsync(
            string path, byte[] body, int connections, TimeSpan length, CancellationToken cancellationToken)
        {
            using var process = Process.GetProcessById(ProcessId);
            var before = process.TotalProcessorTime;
            var load = new OpenLoop(Url, [HttpConnection.Request(Url, path, Key, body)], connections);
            var result = await load.RunAsync(perSecond: null, length, cancellationToken);
            process.Refresh();
            var requests = Math.Max(1, result.Succeeded);
            var cpu = (process.TotalProcessorTime - before).TotalMicroseconds / requests;
            return ((requests / result.Elapsed.TotalSeconds, cpu), result.Statuses.Keys.All(status => status == 202));
        }
    }
}
