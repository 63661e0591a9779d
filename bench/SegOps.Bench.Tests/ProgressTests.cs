using Microsoft.Extensions.Time.Testing;
using SegOps.Bench.Reporting;

namespace SegOps.Bench.Tests;

public sealed class ProgressTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Show_InATerminal_WritesOverTheLineBefore()
    {
        using var console = new StringWriter();
        var progress = new Progress(console, isTerminal: true, _clock);

        progress.Show("round 10");
        progress.Show("done");

        Assert.Equal("\rround 10\rdone    ", console.ToString());
    }

    [Fact]
    public void Show_InALog_LeavesOutWhatComesWithinTenSeconds()
    {
        using var console = new StringWriter();
        var progress = new Progress(console, isTerminal: false, _clock);

        progress.Show("first");
        progress.Show("left out");
        _clock.Advance(TimeSpan.FromSeconds(10));
        progress.Show("later");

        Assert.Equal(["  first", "  later"], console.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }
}
