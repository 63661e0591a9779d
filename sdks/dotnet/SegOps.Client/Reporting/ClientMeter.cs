using System.Diagnostics.Metrics;

namespace SegOps.Client.Reporting;

/// <summary>The instruments of the meter <c>SegOps.Client</c>. Counters are read when somebody collects them, so they cost an event nothing.</summary>
internal sealed class ClientMeter : IDisposable
{
    public const string Name = "SegOps.Client";

    private readonly Meter _meter;
    private readonly Histogram<double> _duration;

    public ClientMeter(IMeterFactory? factory, Func<SegOpsStats> stats)
    {
        _meter = factory?.Create(new MeterOptions(Name) { Version = Sdk.Version }) ?? new Meter(Name, Sdk.Version);
        _meter.CreateObservableCounter("segops.client.events.tracked", () => stats().Tracked, "{event}", "Events that were tracked.");
        _meter.CreateObservableCounter("segops.client.events.accepted", () => stats().Accepted, "{event}", "Events that the server accepted.");
        _meter.CreateObservableCounter("segops.client.events.rejected", () => stats().Rejected, "{event}", "Events that the server rejected.");
        _meter.CreateObservableCounter("segops.client.events.dropped", () => Drops(stats()), "{event}", "Events that the client dropped, by reason.");
        _meter.CreateObservableUpDownCounter(
            "segops.client.queue.events", () => stats() is var s ? s.Queued + s.InFlight : 0, "{event}", "Events that are queued or in flight.");
        _meter.CreateObservableUpDownCounter("segops.client.queue.size", () => stats().QueuedBytes, "By", "Bytes that are queued or in flight.");
        _duration = _meter.CreateHistogram<double>("segops.client.request.duration", "s", "Duration of requests, by status; 0 is a request without an answer.");
    }

    public void Requested(TimeSpan duration, int status) =>
        _duration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("http.response.status_code", status));

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> Drops(SegOpsStats stats) =>
        stats.Drops.Select(drop => new Measurement<long>(drop.Value, new KeyValuePair<string, object?>("reason", drop.Key.ToString())));
}
