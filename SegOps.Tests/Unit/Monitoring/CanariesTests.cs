using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SegOps.Monitoring.Freshness;

namespace SegOps.Tests.Unit.Monitoring;

public sealed class CanariesTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly CanaryOptions _options = new();
    private readonly Canaries _canaries;

    public CanariesTests() => _canaries = new Canaries(Options.Create(_options), _clock, _services.GetRequiredService<IMeterFactory>());

    [Fact]
    public void Current_BeforeTheFirstCanary_HasNoFigures() =>
        Assert.Equal(new FreshnessAnswer(300, 0, null, null, null, null, 0), _canaries.Current);

    [Fact]
    public void Seen_OneCanary_IsMeasuredFromItsSending()
    {
        var id = Accept();
        _clock.Advance(TimeSpan.FromMilliseconds(420));

        _canaries.Seen([id]);

        Assert.Equal(new FreshnessAnswer(300, 1, 420, 420, 420, _clock.GetUtcNow(), 0), _canaries.Current);
    }

    [Fact]
    public void Current_HundredCanaries_TellsThePercentilesByNearestRank()
    {
        for (var took = 1; took <= 100; took++)
        {
            var id = Accept();
            _clock.Advance(TimeSpan.FromMilliseconds(took));
            _canaries.Seen([id]);
        }

        var freshness = _canaries.Current;

        Assert.Equal((50, 95, 99), (freshness.P50Ms, freshness.P95Ms, freshness.P99Ms));
    }

    [Fact]
    public void Current_SamplesOlderThanTheWindow_AreForgottenButNotWhenTheLastCame()
    {
        _canaries.Seen([Accept()]);
        var seen = _clock.GetUtcNow();

        _clock.Advance(Canaries.Window + TimeSpan.FromTicks(1));

        Assert.Equal((0, seen), (_canaries.Current.Samples, _canaries.Current.LastAt));
    }

    [Fact]
    public void Lag_SeveralUnderWay_IsTheAgeOfTheOldest()
    {
        var oldest = Accept();
        _clock.Advance(TimeSpan.FromSeconds(3));
        Accept();
        _clock.Advance(TimeSpan.FromSeconds(4));

        Assert.Equal(TimeSpan.FromSeconds(7), _canaries.Lag);
        _canaries.Seen([oldest]);
        Assert.Equal(TimeSpan.FromSeconds(4), _canaries.Lag);
    }

    [Fact]
    public void Lag_CanaryNeverSeen_IsGivenUpAndCountedAsLost()
    {
        using var outcomes = Outcomes();
        Accept();

        _clock.Advance(Canaries.Window);

        Assert.Equal(TimeSpan.Zero, _canaries.Lag);
        Assert.Empty(_canaries.InFlight);
        Assert.Equal(["lost"], Names(outcomes));
    }

    [Fact]
    public void Lag_NoCanariesSent_IsUnknown()
    {
        var canaries = new Canaries(Options.Create(new CanaryOptions { Enabled = false }), _clock, _services.GetRequiredService<IMeterFactory>());

        Assert.Null(canaries.Lag);
    }

    [Fact]
    public void Seen_TheSameTwiceOrUnknown_CountsOnce()
    {
        using var outcomes = Outcomes();
        var id = Accept();

        _canaries.Seen([id, Guid.NewGuid()]);
        _canaries.Seen([id]);

        Assert.Equal(1, _canaries.Current.Samples);
        Assert.Equal(["queryable"], Names(outcomes));
    }

    public void Dispose() => _services.Dispose();

    private Guid Accept()
    {
        var canary = new CanaryInFlight(Guid.NewGuid(), _clock.GetUtcNow(), _clock.GetTimestamp());
        _canaries.Accepted(canary);
        return canary.EventId;
    }

    private MetricCollector<long> Outcomes() => new(_services.GetRequiredService<IMeterFactory>(), "SegOps.Monitoring", "segops.canary.events");

    private static IEnumerable<object?> Names(MetricCollector<long> outcomes) =>
        outcomes.GetMeasurementSnapshot().Select(measurement => measurement.Tags["outcome"]);
}
