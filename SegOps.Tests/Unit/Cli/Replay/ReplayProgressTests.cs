using Microsoft.Extensions.Time.Testing;
using SegOps.Cli.Replay;

namespace SegOps.Tests.Unit.Cli.Replay;

public sealed class ReplayProgressTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly StringWriter _errors = new();

    public void Dispose() => _errors.Dispose();

    [Fact]
    public void Published_NobodyWatches_WritesALineEveryFiveSeconds()
    {
        var progress = Progress(isInteractive: false);

        progress.Published(10);
        _time.Advance(TimeSpan.FromSeconds(5));
        progress.Published(10);
        _time.Advance(TimeSpan.FromSeconds(1));
        progress.Published(10);

        Assert.Equal("published 20, stored 0, 4 a second, 100 of 100 remaining", _errors.ToString().Trim());
    }

    [Fact]
    public void Published_APersonWatches_OverwritesOneLine()
    {
        var progress = Progress(isInteractive: true);

        _time.Advance(TimeSpan.FromSeconds(1));
        progress.Published(10);
        progress.Done(10);
        progress.End();

        Assert.DoesNotContain('\n', _errors.ToString().TrimEnd());
        Assert.EndsWith("published 10, stored 0, 10 a second, 90 of 100 remaining", _errors.ToString().TrimEnd(), StringComparison.Ordinal);
    }

    private ReplayProgress Progress(bool isInteractive) => new(
        new(() => Stream.Null, TextWriter.Null, () => Stream.Null, _errors, isInteractive), _time, total: 100, showsStored: true);
}
