using Microsoft.Extensions.Time.Testing;
using SegOps.Bench.Reporting;

namespace SegOps.Tests.Unit.Bench;

public sealed class ProgressTests
{
    private readonly StringWriter _console = new();
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Say_InATerminal_WritesOverTheLineBefore()
    {
        var progress = new Progress(_console, isTerminal: true, _clock);

        progress.Say("round 10");
        progress.Say("done");

        Assert.Equal("\rround 10\rdone    ", _console.ToString());
    }

    [Fact]
    public void Say_InALog_LeavesOutWhatComesWithinTenSeconds()
    {
        var progress = new Progress(_console, isTerminal: false, _clock);

        progress.Say("first");
        progress.Say("left out");
        _clock.Advance(TimeSpan.FromSeconds(10));
        progress.Say("later");

        Assert.Equal(["  first", "  later"], _console.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }
}
