using SegOps.Conformance.Sdks;
using SegOps.Conformance.Server;

namespace SegOps.Conformance.Playing;

/// <summary>What holds after every scenario.</summary>
internal static class Invariants
{
    public static IReadOnlyList<string> Faults(Run run) =>
    [
        .. run.AccountFaults,
        .. run.Server.Faults,
        .. run.Server.Requests.SelectMany(request => RequestRules.Faults(request, run.Clients.FirstOrDefault(client => request.Head["Authorization"]?.EndsWith(client.Key, StringComparison.Ordinal) == true))),
        .. ChangedEvents(run.Server.Requests),
        .. Leaks(run),
    ];

    /// <summary>Rule 1: an event's bytes are the same on every attempt.</summary>
    private static IEnumerable<string> ChangedEvents(IReadOnlyList<Received> requests)
    {
        var first = new Dictionary<string, byte[]>();
        foreach (var each in requests.SelectMany(request => request.Events))
        {
            if (!first.TryAdd(each.Id, each.Raw) && !first[each.Id].AsSpan().SequenceEqual(each.Raw))
                yield return $"Event {each.Id} was sent again with other bytes.";
        }
    }

    /// <summary>Rule 24: no log, callback or diagnostic holds personal data, a key or a body.</summary>
    private static IEnumerable<string> Leaks(Run run) =>
        from driver in run.Drivers
        from line in driver.Diagnostics.Concat(driver.Events.Select(line => line.ToString()))
        where line.Contains(Sample.Marker, StringComparison.OrdinalIgnoreCase)
        select $"Personal data, a key or a body was printed: {Transcript.Shortened(line)}";
}
