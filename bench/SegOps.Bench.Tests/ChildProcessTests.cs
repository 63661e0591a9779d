using System.Collections.Concurrent;
using SegOps.Bench.Processes;

namespace SegOps.Bench.Tests;

public sealed class ChildProcessTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task StartAsync_Always_GivesTheChildsOwnId()
    {
        var lines = new BlockingCollection<string>();
        await using var child = ChildProcess.Start(Shell("echo \"$$\"; exec sleep 600"), lines.Add);

        Assert.True(lines.TryTake(out var id, Patience));
        Assert.Equal($"{child.Id}", id);
    }

    [Fact]
    public async Task Output_MoreThanAPipeHolds_ArrivesLineByLine()
    {
        var lines = new ConcurrentQueue<string>();
        await using var child = ChildProcess.Start(Shell("seq 1 50000; seq 50001 100000 >&2"), lines.Enqueue);

        Assert.Equal(0, await child.Exited.WaitAsync(Patience, TestContext.Current.CancellationToken));
        Assert.Equal(Enumerable.Range(1, 100_000), lines.Select(int.Parse).Order());
    }

    [Fact]
    public async Task Exited_ChildEnds_IsItsStatus()
    {
        await using var child = ChildProcess.Start(Shell("exit 78"), _ => { });

        Assert.Equal(78, await child.Exited.WaitAsync(Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Start_CommandIsMissing_SaysWhich() => Assert.Contains(
        "segops-no-such-command",
        Assert.ThrowsAny<Exception>(() => ChildProcess.Start(new ChildCommand("segops-no-such-command", []), _ => { })).Message,
        StringComparison.Ordinal);

    [Fact]
    public async Task StopAsync_ChildHandlesSigterm_LetsItFinish()
    {
        var lines = new BlockingCollection<string>();
        await using var child = ChildProcess.Start(Shell("trap 'echo drained; exit 3' TERM; echo up; while :; do sleep 0.05; done"), lines.Add);
        Assert.True(lines.TryTake(out _, Patience));

        Assert.Equal(3, await child.StopAsync());
        Assert.Equal("drained", lines.Take(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Pause_ChildHandlesSigterm_DoesNothingAnyMore()
    {
        var lines = new BlockingCollection<string>();
        await using var child = ChildProcess.Start(Shell("trap 'exit 3' TERM; echo up; while :; do sleep 0.05; done"), lines.Add);
        Assert.True(lines.TryTake(out _, Patience));

        child.Send(Signals.Stop);

        Assert.Equal(128 + 9, await child.StopAsync(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task Resume_PausedChild_RunsOn()
    {
        var lines = new BlockingCollection<string>();
        await using var child = ChildProcess.Start(Shell("trap 'exit 3' TERM; echo up; while :; do sleep 0.05; done"), lines.Add);
        Assert.True(lines.TryTake(out _, Patience));
        child.Send(Signals.Stop);

        child.Send(Signals.Continue);

        Assert.Equal(3, await child.StopAsync());
    }

    [Fact]
    public async Task StopAsync_ChildIgnoresSigterm_KillsItAfterTheGrace()
    {
        var lines = new BlockingCollection<string>();
        await using var child = ChildProcess.Start(Shell("trap '' TERM; echo up; while :; do sleep 0.05; done"), lines.Add);
        Assert.True(lines.TryTake(out _, Patience));

        Assert.Equal(128 + 9, await child.StopAsync(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task Kill_RunningChild_EndsItBySigkill()
    {
        await using var child = ChildProcess.Start(Shell("trap '' TERM; exec sleep 600"), _ => { });

        child.Kill();

        Assert.Equal(128 + 9, await child.Exited.WaitAsync(Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task StopAsync_ChildHasGone_GivesItsStatus()
    {
        await using var child = ChildProcess.Start(Shell("exit 5"), _ => { });
        await child.Exited;

        Assert.Equal(5, await child.StopAsync());
    }

    [Fact]
    public async Task Input_OfTheChild_IsEmpty()
    {
        await using var child = ChildProcess.Start(Shell("cat; exit 4"), _ => { });

        Assert.Equal(4, await child.Exited.WaitAsync(Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Environment_Given_ReachesTheChild()
    {
        var lines = new BlockingCollection<string>();
        var command = Shell("echo \"$SEGOPS_A:${PATH-removed}\"") with
        {
            FileName = "/bin/sh",
            Environment = new Dictionary<string, string?> { ["SEGOPS_A"] = "1 2", ["SEGOPS_B"] = null },
        };
        await using var child = ChildProcess.Start(command, lines.Add);

        Assert.True(lines.TryTake(out var line, Patience));
        Assert.StartsWith("1 2:", line, StringComparison.Ordinal);
    }

    private static ChildCommand Shell(string script) => new("sh", ["-c", script]);
}
