using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using SegOps.AppHost.Data;
using SegOps.AppHost.Resources.Redis;
using SegOps.Bench.Processes;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.EndToEnd;

/// <summary>The app host as somebody meets it who starts it in a terminal.</summary>
[Collection(EndToEndCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class AppHostTests(AppHostFixture running) : IDisposable
{
    private const string Event = """{"user_id":"u","event_type":"order_placed"}""";

    /// <summary>The app host, the orchestrator, the dashboard and seven parts.</summary>
    private const int LeastProcesses = 10;

    private readonly TemporaryFolder _folder = new();

    private IReadOnlyList<string> OnFreePort => ["--port", "0", "--data", _folder.Path];

    [Theory(Explicit = true)]
    [Trait("Stage", "long")]
    [InlineData(Signals.Interrupt)]
    [InlineData(Signals.Terminate)]
    public async Task Signal_UnderLoad_StopsAndLosesNothing(int signal)
    {
        ConcurrentBag<string> accepted = [];
        await using (var appHost = AppHostProcess.Start(OnFreePort))
        {
            using var api = new Api(await appHost.BannerAsync());
            Assert.True(appHost.Processes().Count >= LeastProcesses, string.Join('\n', appHost.Processes()));
            var sending = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SendUntilRefusedAsync(api, accepted)));
            await Eventually.TrueAsync(() => accepted.Count > 20, () => $"{accepted.Count} were accepted");

            appHost.Signal(signal);

            Assert.Equal(0, await appHost.Exited);
            await sending;
            await appHost.NoneIsLeftAsync(TimeSpan.FromSeconds(15));
        }

        await using var second = AppHostProcess.Start(OnFreePort);
        using var reader = new Api(await second.BannerAsync());
        await Eventually.IsAsync(0, () => NotStoredAsync(reader, accepted));
    }

    [Fact(Explicit = true)]
    [Trait("Stage", "long")]
    public async Task Kill_WhileRunning_LeavesNothingAndStartsAgainWithItsSecretsAndData()
    {
        string id, token;
        await using (var appHost = AppHostProcess.Start(OnFreePort))
        {
            using var api = new Api(await appHost.BannerAsync());
            id = (await api.TrackAsync(DemoKeys.Enterprise.Key, Event)).Json.GetProperty("event_ids")[0].GetString()!;
            await Eventually.IsAsync(0, () => NotStoredAsync(api, [id]));
            token = appHost.Banner("admin token");

            appHost.Signal(Signals.Kill);

            Assert.Equal(128 + 9, await appHost.Exited);
            await appHost.NoneIsLeftAsync(TimeSpan.FromSeconds(15));
        }

        await using var second = AppHostProcess.Start(OnFreePort);
        using var reader = new Api(await second.BannerAsync());
        Assert.Equal(token, second.Banner("admin token"));
        Assert.Equal(0, await NotStoredAsync(reader, [id]));
        Assert.All(
            Directory.GetFiles(Path.Combine(_folder.Path, "secrets")),
            secret => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(secret)));
    }

    [Fact(Explicit = true)]
    [Trait("Stage", "long")]
    public async Task Signal_WhileStarting_LeavesNoProcess()
    {
        await using var appHost = AppHostProcess.Start(OnFreePort);
        await Eventually.TrueAsync(() => appHost.Processes().Count >= 4, () => appHost.Output, AppHostProcess.StartPatience);

        appHost.Signal(Signals.Terminate);

        Assert.Equal(0, await appHost.Exited);
        await appHost.NoneIsLeftAsync(TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task Banner_ItsLinesPasted_Work()
    {
        var appHost = await running.GetAsync();
        using var api = new Api(await appHost.BannerAsync());

        foreach (var demo in DemoKeys.All)
        {
            Assert.Equal(demo.Key, appHost.Banner(demo.Label));
            await api.TrackAsync(demo.Key, Event);
        }
        Assert.Contains("\"accepted\":2", await PasteAsync(appHost.Output, "  curl -X POST ", "  }'"), StringComparison.Ordinal);
        await Eventually.IsAsync(true, async () => (await PasteAsync(appHost.Output, "  curl -H ", "user_id=user-123\"")).Contains("order_placed", StringComparison.Ordinal));
        using var admin = new AdminApi(await appHost.BannerAsync(), appHost.Banner("admin token"));
        await admin.CreateKeyAsync(DemoKeys.Free.ProjectId);
        using var http = new HttpClient();
        using var dashboard = await http.GetAsync(new Uri(appHost.Banner("Dashboard")), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, dashboard.StatusCode);
        Assert.Equal("/", dashboard.RequestMessage!.RequestUri!.AbsolutePath); // signed in, and not asked for a token
    }

    [Fact]
    public async Task Start_OnAFolderInUse_SaysByWhom()
    {
        using var inUse = new DataFolder(_folder.Path);
        await inUse.OpenAsync(fresh: false, TestContext.Current.CancellationToken);

        await using var appHost = AppHostProcess.Start(OnFreePort);

        Assert.Equal(1, await appHost.Exited);
        Assert.Contains($"{_folder.Path} is in use by process {Environment.ProcessId}", appHost.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_PortTaken_SaysByWhom()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        await using var appHost = AppHostProcess.Start(["--port", $"{port}", "--data", _folder.Path]);

        Assert.Equal(1, await appHost.Exited);
        Assert.Contains($"Port {port} is in use by process {Environment.ProcessId}", appHost.Output, StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    [Trait("Stage", "long")]
    public async Task Start_WithoutJava_NamesTheCommandThatInstallsIt()
    {
        await using var appHost = AppHostProcess.Start(OnFreePort, new Dictionary<string, string?> { ["PATH"] = "/nonexistent" });

        await Eventually.TrueAsync(
            () => appHost.Output.Contains("sudo apt-get install -y --no-install-recommends default-jre-headless", StringComparison.Ordinal),
            () => appHost.Output, AppHostProcess.StartPatience);
    }

    [Fact]
    public async Task Help_Always_NamesEveryOptionAndExamples()
    {
        await using var appHost = AppHostProcess.Start(["--help"]);

        Assert.Equal(0, await appHost.Exited);
        Assert.All(
            ["--data", "--port", "--fresh", "--containers", "--ConnectionStrings:redis", "Examples:"],
            text => Assert.Contains(text, appHost.Output, StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Sends one event after the other until the gateway has stopped.</summary>
    private static async Task SendUntilRefusedAsync(Api api, ConcurrentBag<string> accepted)
    {
        try
        {
            while (true)
            {
                // A busy machine may answer 503 now and then, which says that the event is not taken.
                var answer = await api.PostAsync(DemoKeys.Enterprise.Key, Api.Single, Event, request => request.Headers.Add("Prefer", "return=representation"));
                if (answer.Status == HttpStatusCode.Accepted)
                    accepted.Add(answer.Json.GetProperty("event_ids")[0].GetString()!);
            }
        }
        catch (HttpRequestException)
        {
            // It refuses connections.
        }
    }

    /// <summary>How many of these events their receipts do not call stored.</summary>
    private static async Task<int> NotStoredAsync(Api api, IEnumerable<string> ids)
    {
        var missing = 0;
        foreach (var id in ids)
            if ((await api.GetAsync(DemoKeys.Enterprise.Key, $"/api/ingestion/events/{id}")).Json.GetProperty("state").GetString() != "stored")
                missing++;
        return missing;
    }

    /// <summary>Runs the lines of the output from one to another as a person does who pastes them.</summary>
    private static async Task<string> PasteAsync(string output, string first, string last)
    {
        var lines = output.Split('\n').SkipWhile(line => !line.StartsWith(first, StringComparison.Ordinal)).ToList();
        var command = string.Join('\n', lines.Take(lines.FindIndex(line => line.EndsWith(last, StringComparison.Ordinal)) + 1));
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", command]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var answer = await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        return answer;
    }
}
