using System.Collections.ObjectModel;

namespace SegOps.Ingestion.Track;

/// <summary>
/// What events at fault look like, for the list of errors: <see cref="EventSample"/> of one event for each code and field of a request, in at most
/// <see cref="MaxBytes"/> of one request. What valid events cost it is nothing.
/// </summary>
internal sealed class EventSamples
{
    /// <summary>No more samples are taken beyond it. 32 KB hold some 250 of events as they are usual; 500 waiting requests then hold 16 MB.</summary>
    public const int MaxBytes = 32 * 1024;

    private HashSet<(string Code, string Field)>? _sampled;
    private Dictionary<int, byte[]>? _ofFaults;
    private int _bytes;

    /// <summary>The samples of a request that has none.</summary>
    public static IReadOnlyDictionary<int, byte[]> None => ReadOnlyDictionary<int, byte[]>.Empty;

    /// <summary>The samples of faults, by their places in the list of them.</summary>
    public IReadOnlyDictionary<int, byte[]> OfFaults => _ofFaults ?? None;

    /// <summary>Samples an event for those of its faults that are the first of their code and field.</summary>
    /// <param name="faults">All faults so far; the event's are the last.</param>
    /// <param name="first">Place of the event's first fault.</param>
    /// <param name="text">The event's JSON text.</param>
    public void Add(List<EventFault> faults, int first, ReadOnlySpan<byte> text)
    {
        byte[]? sample = null;
        _sampled ??= [];
        for (var i = first; i < faults.Count; i++)
        {
            if (!_sampled.Add((faults[i].Code, faults[i].Field)))
                continue;
            sample ??= Take(text);
            if (sample is not null)
                (_ofFaults ??= [])[i] = sample;
        }
    }

    /// <summary>The sample of the event <paramref name="text"/>; null when it is no object, or there is no more room.</summary>
    public byte[]? Take(ReadOnlySpan<byte> text)
    {
        if (_bytes >= MaxBytes || !text.StartsWith((byte)'{'))
            return null;
        var sample = EventSample.Of(text);
        _bytes += sample.Length;
        return sample;
    }
}
