using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace SegOps.Monitoring.Freshness;

/// <summary>A canary in flight.</summary>
/// <param name="EventId">The event's id.</param>
/// <param name="OccurredAt">The time of sending by the wall clock.</param>
/// <param name="SentAt">The time of sending as <see cref="TimeProvider.GetTimestamp"/>, because wall clocks can jump.</param>
internal sealed record CanaryInFlight(Guid EventId, DateTimeOffset OccurredAt, long SentAt);

/// <summary>The canaries in flight, and the durations of those of the last 5 minutes.</summary>
internal sealed class Canaries
{
    /// <summary>Maximum canaries in flight. Above it, none is sent.</summary>
    internal const int MaxInFlight = 300;

    /// <summary>Retention of samples, and the time after which a canary counts as lost.</summary>
    internal static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, CanaryInFlight> _inFlight = [];
    private readonly Queue<(long SeenAt, double Milliseconds)> _samples = new();
    private readonly bool _enabled;
    private readonly TimeProvider _clock;
    private readonly Histogram<double> _freshness;
    private readonly Counter<long> _outcomes;
    private DateTimeOffset? _lastAt;

    public Canaries(IOptions<CanaryOptions> options, TimeProvider clock, IMeterFactory meters)
    {
        _enabled = options.Value.Enabled;
        _clock = clock;
        var meter = meters.Create("SegOps.Monitoring");
        _freshness = meter.CreateHistogram<double>("segops.canary.freshness", "s", "Time from just before a canary was sent until it could be queried.");
        _outcomes = meter.CreateCounter<long>("segops.canary.events", "{event}", "Canaries by result.");
    }

    /// <summary>Age of the oldest accepted canary that cannot be queried yet; zero if there is none, null if canaries are disabled.</summary>
    internal TimeSpan? Lag
    {
        get
        {
            lock (_gate)
            {
                GiveUp();
                return _enabled ? _inFlight.Values.Select(canary => _clock.GetElapsedTime(canary.SentAt)).DefaultIfEmpty().Max() : null;
            }
        }
    }

    /// <summary>The figures of the last 5 minutes.</summary>
    internal FreshnessAnswer Current
    {
        get
        {
            var lag = Lag ?? TimeSpan.Zero;
            lock (_gate)
            {
                RemoveOldSamples();
                return FreshnessAnswer.Of(Window, _samples.Select(sample => sample.Milliseconds), _lastAt, lag);
            }
        }
    }

    /// <summary>The canaries in flight.</summary>
    internal IReadOnlyList<CanaryInFlight> InFlight
    {
        get
        {
            lock (_gate)
            {
                GiveUp();
                return [.. _inFlight.Values];
            }
        }
    }

    /// <summary>Records an accepted canary.</summary>
    internal void Accepted(CanaryInFlight canary)
    {
        lock (_gate)
            _inFlight[canary.EventId] = canary;
    }

    /// <summary>Records a canary that was not accepted in time.</summary>
    internal void Refused() => Count("refused");

    /// <summary>Records canaries that can be queried now.</summary>
    internal void Seen(IEnumerable<Guid> eventIds)
    {
        lock (_gate)
        {
            foreach (var id in eventIds)
            {
                if (!_inFlight.Remove(id, out var canary))
                    continue;
                var took = _clock.GetElapsedTime(canary.SentAt);
                _samples.Enqueue((_clock.GetTimestamp(), took.TotalMilliseconds));
                _lastAt = _clock.GetUtcNow();
                _freshness.Record(took.TotalSeconds);
                Count("queryable");
            }

            RemoveOldSamples();
        }
    }

    private void GiveUp()
    {
        foreach (var lost in _inFlight.Values.Where(canary => _clock.GetElapsedTime(canary.SentAt) >= Window).ToList())
        {
            _inFlight.Remove(lost.EventId);
            Count("lost");
        }
    }

    private void RemoveOldSamples()
    {
        while (_samples.TryPeek(out var oldest) && _clock.GetElapsedTime(oldest.SeenAt) > Window)
            _samples.Dequeue();
    }

    private void Count(string outcome) => _outcomes.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
