using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Testing;
using SegOps.Client.Reporting;

namespace SegOps.Client.Tests.Reporting;

public class ReporterTests
{
    [Fact]
    public async Task Dropped_ManyOfOneReason_LogsOneLineAMinute()
    {
        var time = new TestClock();
        var logger = new FakeLogger();
        var reporter = new Reporter(new SegOpsOptions(), logger, new Clock(time));

        for (var i = 0; i < 100; i++)
        {
            reporter.Dropped(new EventDrop { Reason = DropReason.QueueFull });
        }

        await reporter.DrainAsync().WaitAsync(Guard.Token);
        time.Advance(TimeSpan.FromMinutes(1));
        reporter.Dropped(new EventDrop { Reason = DropReason.QueueFull });
        await reporter.DrainAsync().WaitAsync(Guard.Token);

        Assert.Equal([0L, 99L], logger.Collector.GetSnapshot().Select(line => long.Parse(line.GetStructuredStateValue("Omitted")!, null)));
    }

    [Fact]
    public async Task Dropped_FromManyThreads_CallsBackOncePerDropAndOneAtATime()
    {
        var running = 0;
        var overlaps = 0;
        var ids = new List<Guid>();
        var reporter = new Reporter(
            new SegOpsOptions
            {
                OnDrop = drop =>
                {
                    overlaps += Interlocked.Increment(ref running) - 1;
                    ids.Add(drop.EventId);
                    Interlocked.Decrement(ref running);
                },
            },
            new FakeLogger(),
            new Clock(new TestClock()));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                reporter.Dropped(new EventDrop { EventId = Guid.NewGuid() });
            }
        })));
        await reporter.DrainAsync().WaitAsync(Guard.Token);

        Assert.Equal((8000, 8000, 0), (ids.Count, ids.Distinct().Count(), overlaps));
    }

    [Fact]
    public async Task Meter_Counters_AreThoseOfTheClient()
    {
        await using var bench = new Bench();
        bench.Client.Track("", "a");
        bench.Track();
        (await bench.Server.NextAsync()).Accept();
        await bench.Client.FlushAsync();
        var seen = new Dictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, it) =>
        {
            if (instrument.Meter.Name == ClientMeter.Name)
            {
                it.EnableMeasurementEvents(instrument);
            }
        };

        // Other tests of the process have clients too, so only the presence of each instrument is certain.
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => seen[instrument.Name] = value);
        listener.Start();
        listener.RecordObservableInstruments();

        Assert.Superset(
            new HashSet<string>
            {
                "segops.client.events.tracked", "segops.client.events.accepted", "segops.client.events.rejected", "segops.client.events.dropped",
                "segops.client.queue.events", "segops.client.queue.size",
            },
            seen.Keys.ToHashSet());
    }
}
