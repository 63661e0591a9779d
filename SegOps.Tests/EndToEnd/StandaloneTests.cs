using System.Net;
using System.Net.Sockets;
using SegOps.Standalone;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.EndToEnd;

[Collection(EndToEndCollection.Name)]
public sealed class StandaloneTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private IReadOnlyList<string> OnFreePort => ["--port", "0", "--data", _folder.Path];

    [Theory]
    [InlineData(StandaloneProcess.SigInt, 0)]
    [InlineData(StandaloneProcess.SigTerm, 0)]
    [InlineData(StandaloneProcess.SigKill, 128 + 9)]
    public async Task Signal_WhileRunning_LeavesNoProcess(int signal, int status)
    {
        await using var standalone = await StandaloneProcess.StartAsync(OnFreePort);
        await standalone.BannerAsync();
        var processes = standalone.Descendants();

        standalone.Signal(signal);

        Assert.Equal(status, await standalone.Exited);
        await NoneIsAliveAsync(processes, atLeast: 14); // seven parts, each with its guard
    }

    [Fact]
    public async Task Signal_WhileStarting_LeavesNoProcess()
    {
        await using var standalone = await StandaloneProcess.StartAsync(OnFreePort);
        await Eventually.TrueAsync(() => standalone.Descendants().Count >= 6, () => standalone.Output);
        var processes = standalone.Descendants();

        standalone.Signal(StandaloneProcess.SigTerm);

        Assert.Equal(0, await standalone.Exited);
        await NoneIsAliveAsync(processes, atLeast: 6);
    }

    [Fact]
    public async Task Banner_EveryDemoKey_IsAccepted()
    {
        await using var standalone = await StandaloneProcess.StartAsync(OnFreePort);
        using var api = new Api(await standalone.BannerAsync());

        foreach (var demo in DemoKeys.All)
        {
            Assert.Contains(demo.Key, standalone.Output, StringComparison.Ordinal);
            await api.TrackAsync(demo.Key, """{"user_id":"u","event_type":"order_placed"}""");
        }
    }

    [Fact]
    public async Task Start_OnAFolderInUse_SaysSo()
    {
        using var inUse = await DataFolder.OpenAsync(_folder.Path, fresh: false, TestContext.Current.CancellationToken);

        await using var standalone = await StandaloneProcess.StartAsync(OnFreePort);

        Assert.Equal(1, await standalone.Exited);
        Assert.Contains($"Another SegOps.Standalone is using {_folder.Path}", standalone.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_SeveralThingsMissing_NamesEachWithItsCommand()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        await using var standalone = await StandaloneProcess.StartAsync(
            ["--port", $"{port}", "--data", _folder.Path], new Dictionary<string, string?> { ["PATH"] = "/nonexistent" });

        Assert.Equal(1, await standalone.Exited);
        Assert.Contains("sudo apt-get install -y --no-install-recommends default-jre-headless", standalone.Output, StringComparison.Ordinal);
        Assert.Contains($"Port {port} is in use.", standalone.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task Help_Always_NamesEveryOptionAndExamples()
    {
        await using var standalone = await StandaloneProcess.StartAsync(["--help"]);

        Assert.Equal(0, await standalone.Exited);
        Assert.All(
            ["--redis", "--clickhouse", "--pubsub", "--data", "--port", "--fresh", "--verbose", "Examples:"],
            text => Assert.Contains(text, standalone.Output, StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Dispose();

    private static async Task NoneIsAliveAsync(IReadOnlyList<int> processes, int atLeast)
    {
        Assert.True(processes.Count >= atLeast, $"only {processes.Count} processes were running");
        await Eventually.TrueAsync(
            () => !processes.Any(StandaloneProcess.IsAlive),
            () => "still there: " + string.Join(", ", processes.Where(StandaloneProcess.IsAlive)));
    }
}
