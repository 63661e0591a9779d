using SegOps.Bench.Reporting;

namespace SegOps.Bench.Pipeline;

/// <summary>The number of accepted events not yet stored, during a run.</summary>
/// <param name="length">Length of the run.</param>
internal sealed class BacklogTrend(TimeSpan length)
{
    private const int MinSamples = 4;
    private readonly List<double> _samples = [];

    /// <summary>After the first third, when the rate is steady. Each figure is the median of a sixth of the run, because inserts are large.</summary>
    internal double AtThird => Sixth(_samples.Count / 3);

    /// <summary>At the end of the run.</summary>
    internal double AtEnd => Sixth(_samples.Count - Span);

    private int Span => Math.Max(1, _samples.Count / 6);

    /// <summary>Adds a sample. Samples must be in order of time.</summary>
    internal void Add(double events) => _samples.Add(events);

    /// <summary>
    /// Whether the backlog grew after the first third by more than the events of a second, or of a sixteenth of a run under 16 s. True if there
    /// are too few samples.
    /// </summary>
    internal bool IsGrowing(double eventsPerSecond) =>
        _samples.Count < MinSamples || AtEnd - AtThird > eventsPerSecond * Math.Clamp(length.TotalSeconds / 16, 0.25, 1);

    private double Sixth(int first) => _samples.Count == 0 ? 0 : Statistics.Median(_samples.Skip(first).Take(Span));
}
