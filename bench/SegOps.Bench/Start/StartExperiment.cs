using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Reflection;
using SegOps.AppHost.Resources.Redis;
using SegOps.Bench.Gateway;
using SegOps.Bench.Load;
using SegOps.Bench.Processes;
using SegOps.Bench.Reporting;
using SegOps.Bench.Running;

namespace SegOps.Bench.Start;

/// <summary>Measures the time from a process's start until it is ready.</summary>
internal static class StartExperiment
{
    private const string AppHost = "the app host, until the first 202";
    private const string EmptyAppHost = "an empty Aspire app host, until its dashboard answers";

    /// <summary>Starts each service and app host <paramref name="rounds"/> times, alternating.</summary>
    internal static async Task<Outcome> RunAsync(int rounds, Progress progress, CancellationToken cancellationToken)
    {
        var starts = new Dictionary<string, List<double>>();
        progress.Show("Starting the system");
        await using (var bench = await BenchSystem.StartAsync(cancellationToken))
        {
            for (var round = 1; round <= rounds; round++)
            {
                progress.Show($"Services: round {round} of {rounds}");
                Add(Servers.Empty, await OfBaselineAsync(cancellationToken));
                foreach (var service in LocalSystem.Services)
                    Add(service, await OfServiceAsync(bench.System.Parts[service], cancellationToken));
            }
        }
        for (var round = 1; round <= rounds; round++)
        {
            progress.Show($"App hosts: round {round} of {rounds}");
            Add(EmptyAppHost, await OfEmptyAppHostAsync(cancellationToken));
            Add(AppHost, await OfAppHostAsync(cancellationToken));
        }

        return new Outcome
        {
            Conditions = $"{rounds} rounds. Services: from the start of the process until its health check passes, polled every 50 ms. App hosts: the built program with the dashboard; the system's with an empty data folder.",
            Tables =
            [
                Compare("start of", "an empty ASP.NET Core application", Servers.Empty, LocalSystem.Services),
                Compare("start of", EmptyAppHost, EmptyAppHost, [AppHost]),
            ],
        };

        void Add(string name, double milliseconds)
        {
            if (!starts.TryGetValue(name, out var list))
                starts[name] = list = [];
            list.Add(milliseconds);
        }

        Table Compare(string title, string basis, string basisKey, IReadOnlyList<string> others)
        {
            var table = new Table(title, "median ms", "slowest ms", "ratio");
            var median = Statistics.Median(starts[basisKey]);
            foreach (var name in (IEnumerable<string>)[basisKey, .. others])
                table.Add(
                    name == basisKey ? basis : name, Cell.Of(Statistics.Median(starts[name]), "F0"), Cell.Of(starts[name].Max(), "F0"), Cell.Of(Statistics.Median(starts[name]) / median, "F2"));
            return table;
        }
    }

    private static async Task<double> OfBaselineAsync(CancellationToken cancellationToken)
    {
        await using var server = Servers.Create(Servers.Empty, new Uri($"http://127.0.0.1:{FreePort.Next()}"), upstream: null);
        return await Timed.RunAsync(() => server.StartAsync(cancellationToken));
    }

    /// <summary>Measured from the start of the process, which excludes the orchestrator's time.</summary>
    private static async Task<double> OfServiceAsync(Part service, CancellationToken cancellationToken)
    {
        await service.StopAsync(cancellationToken);
        await service.StartAsync(cancellationToken);
        var ready = DateTime.Now;
        using var process = Process.GetProcessById(service.Id);
        return (ready - process.StartTime).TotalMilliseconds;
    }

    private static async Task<double> OfEmptyAppHostAsync(CancellationToken cancellationToken)
    {
        var program = typeof(StartExperiment).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "EmptyAppHost").Value!;
        var (environment, dashboard) = Dashboard();
        var command = new ChildCommand(Path.ChangeExtension(program, OperatingSystem.IsWindows() ? ".exe" : null), [], environment);
        await using var appHost = new ServerProcess("the empty app host", command, Readiness.Of($"{dashboard}/login"));
        return await Timed.RunAsync(() => appHost.StartAsync(cancellationToken));
    }

    private static async Task<double> OfAppHostAsync(CancellationToken cancellationToken)
    {
        using var folder = new ScratchFolder();
        using var http = new HttpClient { BaseAddress = new Uri($"http://localhost:{FreePort.Next()}") };
        var (environment, _) = Dashboard();
        var command = ChildCommand.Built("SegOps.AppHost", ["--port", $"{http.BaseAddress.Port}", "--data", folder.Path], environment);
        await using var appHost = new ServerProcess("the app host", command, async token =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/ingestion/track/");
            request.Headers.TryAddWithoutValidation("Authorization", "ApiKey " + DemoKeys.Enterprise.Key);
            request.Content = new ByteArrayContent(EventBody.Single(1)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            using var answer = await http.SendAsync(request, token);
            return answer.StatusCode == HttpStatusCode.Accepted;
        });
        return await Timed.RunAsync(() => appHost.StartAsync(cancellationToken));
    }

    /// <summary>The settings of the launch profile, with free ports.</summary>
    private static (Dictionary<string, string?> Environment, string Address) Dashboard()
    {
        var address = $"http://localhost:{FreePort.Next()}";
        return (new()
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["DOTNET_ENVIRONMENT"] = "Development",
            ["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true",
            ["ASPNETCORE_URLS"] = address,
            ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = $"http://localhost:{FreePort.Next()}",
            ["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = $"http://localhost:{FreePort.Next()}",
        }, address);
    }
}
