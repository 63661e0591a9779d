using System.Collections.Concurrent;
using SegOps.Bench.Processes;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.EmbeddedClickHouse;

public sealed class CommandLineTests
{
    [Fact]
    public async Task Help_Asked_NamesEveryOptionAndCommand()
    {
        var (status, output) = await RunAsync(["--help"]);

        Assert.Equal(0, status);
        Assert.All((string[])["--path", "--port", "--memory", "fetch", "CLICKHOUSE_PASSWORD", "SEGOPS_CLICKHOUSE_ENGINE"], word => Assert.Contains(word, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Fetch_EngineNamedByVariable_NeedsNoRegistry()
    {
        using var folder = new TemporaryFolder();
        var library = Path.Combine(folder.Path, "libchdb.so");
        await File.WriteAllTextAsync(library, "", TestContext.Current.CancellationToken);

        var (status, _) = await RunAsync(["fetch"], library);

        Assert.Equal(0, status);
    }

    [Fact]
    public async Task Serve_EngineNamedByVariableIsMissing_SaysSo()
    {
        var (status, output) = await RunAsync([], "/nowhere/libchdb.so");

        Assert.Equal(1, status);
        Assert.Contains("/nowhere/libchdb.so, which does not exist", output, StringComparison.Ordinal);
    }

    private static async Task<(int Status, string Output)> RunAsync(string[] arguments, string? engine = null)
    {
        ConcurrentQueue<string> lines = new();
        var command = ChildCommand.Built("SegOps.EmbeddedClickHouse", arguments, new Dictionary<string, string?> { ["SEGOPS_CLICKHOUSE_ENGINE"] = engine });
        await using var process = ChildProcess.Start(command, lines.Enqueue);
        return (await process.Exited.WaitAsync(TimeSpan.FromSeconds(30)), string.Join('\n', lines));
    }
}
