using System.Collections.Concurrent;
using SegOps.Standalone.Processes;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Standalone;

public sealed class SupervisorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<string> _announced = new();

    [Fact]
    public async Task Watch_ServerIsKilled_StartsItAgainAndSaysSo()
    {
        var server = new ServerProcess("test", new ChildCommand("sleep", ["600"]), _ => Task.FromResult(true));
        await server.StartAsync(TestContext.Current.CancellationToken);
        await using var supervisor = new Supervisor(server, _announced.Enqueue);
        supervisor.Watch();
        var first = server.Child.Id;

        server.Child.Kill();

        await Eventually.TrueAsync(() => _announced.Count == 2, () => string.Join('|', _announced));
        Assert.Equal(["ended (signal 9); starting it again in 0.5 s.", "answers again."], _announced);
        Assert.NotEqual(first, server.Child.Id);
    }

    [Fact]
    public async Task Watch_ServerKeepsEnding_WaitsEverLonger()
    {
        var server = new ServerProcess("test", new ChildCommand("sh", ["-c", $"[ -e {Once} ] && exit 3; touch {Once}; exec sleep 600"]), AnswersOnce);
        await server.StartAsync(TestContext.Current.CancellationToken);
        await using var supervisor = new Supervisor(server, _announced.Enqueue);
        supervisor.Watch();

        server.Child.Kill();

        await Eventually.TrueAsync(() => _announced.Count(line => line.Contains("starting it again", StringComparison.Ordinal)) >= 3, () => string.Join('|', _announced));
        Assert.Equal(
            ["0.5 s", "1 s", "2 s"],
            _announced.Where(line => line.Contains("starting it again", StringComparison.Ordinal)).Take(3).Select(line => line.Split(" in ")[1].TrimEnd('.')));
    }

    [Fact]
    public async Task Watch_SettingsAreWrong_DoesNotStartItAgain()
    {
        var server = new ServerProcess("test", new ChildCommand("sh", ["-c", $"trap 'exit 78' TERM; touch {Once}; while :; do sleep 0.05; done"]), AnswersOnce);
        await server.StartAsync(TestContext.Current.CancellationToken);
        await using var supervisor = new Supervisor(server, _announced.Enqueue);
        supervisor.Watch();

        await server.StopAsync();

        await Eventually.TrueAsync(() => !_announced.IsEmpty, () => "nothing was announced");
        Assert.Equal(["ended because of its settings and is not started again."], _announced);
    }

    [Fact]
    public async Task StopAsync_Always_LeavesTheServerStopped()
    {
        var server = new ServerProcess("test", new ChildCommand("sleep", ["600"]), _ => Task.FromResult(true));
        await server.StartAsync(TestContext.Current.CancellationToken);
        await using var supervisor = new Supervisor(server, _announced.Enqueue);
        supervisor.Watch();

        await supervisor.StopAsync(ChildProcess.DefaultGrace);

        Assert.True(server.Child.Exited.IsCompleted);
        Assert.Empty(_announced);
    }

    [Fact]
    public async Task StartAsync_ServerEndsInstead_ShowsItsLastLines()
    {
        var server = new ServerProcess("test", new ChildCommand("sh", ["-c", "echo 'port is taken'; exit 3"]), _ => Task.FromResult(false));

        var failure = await Assert.ThrowsAsync<ServerStartException>(() => server.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains("test ended with status 3", failure.Message, StringComparison.Ordinal);
        Assert.Contains("port is taken", failure.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private string Once => Path.Combine(_folder.Path, "started");

    /// <summary>Ready only as long as it has not been started a second time.</summary>
    private Task<bool> AnswersOnce(CancellationToken cancellationToken) => Task.FromResult(_announced.IsEmpty && File.Exists(Once));
}
