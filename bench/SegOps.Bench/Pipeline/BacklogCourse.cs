using SegOps.Bench.Reporting;

namespace SegOps.Bench.Pipeline;

/// <summary>How many accepted events were not stored yet, in the course of a run.</summary>
/// <param name="length">Of the run.</param>
internal sealed class BacklogCourse(TimeSpan length)
{
    private const int FewestSamples = 4;
    private readonly List<double> _samples = [];

    /// <summary>When the run had found its pace: after its first third. Inserts come in large pieces, so that each figure is the median of a sixth.</summary>
    internal double AtThird => Sixth(_samples.Count / 3);

    /// <summary>At the end of the run.</summary>
    internal double AtEnd => Sixth(_samples.Count - Span);

    private int Span => Math.Max(1, _samples.Count / 6);

    /// <summary>Adds what was seen, in the order of time.</summary>
    internal void Add(double events) => _samples.Add(events);

    /// <summary>
    /// Whether it grew between a third of the run and its end by more than a second's events, in short runs by more than those of a sixteenth of
    /// their length; also when too little was seen to tell.
    /// </summary>
    internal bool IsGrowing(double eventsPerSecond) =>
        _samples.Count < FewestSamples || AtEnd - AtThird > eventsPerSecond * Math.Clamp(length.TotalSeconds / 16, 0.25, 1);

    private double Sixth(int first) => _samples.Count == 0 ? 0 : Statistics.Median(_samples.Skip(first).Take(Span));
}
