using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace SegOps.Monitoring.Freshness;

/// <summary>A canary under way.</summary>
/// <param name="EventId">Identifies it.</param>
/// <param name="OccurredAt">When it was sent, by the wall clock.</param>
/// <param name="SentAt">When it was sent, as <see cref="TimeProvider.GetTimestamp"/>: wall clocks may jump.</param>
internal sealed record CanaryUnderWay(Guid EventId, DateTimeOffset OccurredAt, long SentAt);

/// <summary>Which canaries are under way, and how long those of the last 5 minutes took.</summary>
internal sealed class Canaries
{
    /// <summary>Most canaries under way. While there are so many, none is sent.</summary>
    internal const int MaxUnderWay = 300;

    /// <summary>How far back samples are kept, and after which time a canary counts as lost.</summary>
    internal static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, CanaryUnderWay> _underWay = [];
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
        _freshness = meter.CreateHistogram<double>("segops.canary.freshness", "s", "From just before a canary was sent until it could be queried.");
        _outcomes = meter.CreateCounter<long>("segops.canary.events", "{event}", "What became of canaries.");
    }

    /// <summary>Age of the oldest that was accepted and cannot be queried yet; zero when there is none, null when canaries are disabled.</summary>
    internal TimeSpan? Lag
    {
        get
        {
            lock (_gate)
            {
                GiveUp();
                return _enabled ? _underWay.Values.Select(canary => _clock.GetElapsedTime(canary.SentAt)).DefaultIfEmpty().Max() : null;
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
                Forget();
                return FreshnessAnswer.Of(Window, _samples.Select(sample => sample.Milliseconds), _lastAt, lag);
            }
        }
    }

    /// <summary>Those under way.</summary>
    internal IReadOnlyList<CanaryUnderWay> UnderWay
    {
        get
        {
            lock (_gate)
            {
                GiveUp();
                return [.. _underWay.Values];
            }
        }
    }

    /// <summary>Ingestion accepted one.</summary>
    internal void Accepted(CanaryUnderWay canary)
    {
        lock (_gate)
            _underWay[canary.EventId] = canary;
    }

    /// <summary>Ingestion did not accept one in time.</summary>
    internal void Refused() => Count("refused");

    /// <summary>These can be queried now.</summary>
    internal void Seen(IEnumerable<Guid> eventIds)
    {
        lock (_gate)
        {
            foreach (var id in eventIds)
            {
                if (!_underWay.Remove(id, out var canary))
                    continue;
                var took = _clock.GetElapsedTime(canary.SentAt);
                _samples.Enqueue((_clock.GetTimestamp(), took.TotalMilliseconds));
                _lastAt = _clock.GetUtcNow();
                _freshness.Record(took.TotalSeconds);
                Count("queryable");
            }

            Forget();
        }
    }

    private void GiveUp()
    {
        foreach (var lost in _underWay.Values.Where(canary => _clock.GetElapsedTime(canary.SentAt) >= Window).ToList())
        {
            _underWay.Remove(lost.EventId);
            Count("lost");
        }
    }

    private void Forget()
    {
        while (_samples.TryPeek(out var oldest) && _clock.GetElapsedTime(oldest.SeenAt) > Window)
            _samples.Dequeue();
    }

    private void Count(string outcome) => _outcomes.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
