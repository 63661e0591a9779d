using SegOps.Conformance.Playing;
using SegOps.Conformance.Sdks;
using SegOps.Conformance.Server;

namespace SegOps.Conformance.Scenarios;

/// <summary>Many events, threads and flushes at once: rules 5, 6, 13, 19 and 20.</summary>
internal static class LoadScenarios
{
    /// <summary>A call that waits for the network takes at least as long as the request's timeout. A collection of garbage takes less than this.</summary>
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(1);

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new(22, "20,000 events while the server hangs", HungAsync),
        new(22, "160 MB while the server hangs", HungBytesAsync),
        new(23, "100,000 events from 16 threads", ThreadsAsync),
        new(24, "flush during a flush", FlushDuringFlushAsync),
        new(24, "flush without events", EmptyFlushAsync),
        new(24, "flush that runs out of time", FlushTimeoutAsync),
        new(29, "events that are too old", ExpiryAsync),
    ];

    private static async Task HungAsync(Run run)
    {
        run.Server.Otherwise = _ => new Silence();
        var client = await run.NewAsync(new { maxQueueEvents = 10_000, requestTimeoutMs = 5000 });
        var tracked = await client.TrackAsync(Sample.Event, repeat: 20_000);

        Expect.That(tracked.LongestCall < LongestCall, $"A call of track took {tracked.LongestCall.TotalMilliseconds:0} ms.");
        var stats = await client.StatsAsync();
        Expect.Equal(10_000, stats.Undecided, "events in the queue");
        Expect.Equal(10_000, stats.Drops.GetValueOrDefault("queue_full"), "drops because the queue is full");

        // What was accepted stays: the newest are refused.
        await Expect.SoonAsync(() => client.Drops.Count == 10_000, () => $"{client.Drops.Count} drops were reported.");
        if (tracked.Ids.All(id => id is not null))
            Expect.Same(tracked.Ids.Skip(10_000)!, client.Drops.Select(drop => drop.Text("event_id")!), "dropped ids");
    }

    private static async Task HungBytesAsync(Run run)
    {
        const int Limit = 8 * 1024 * 1024;
        run.Server.Otherwise = _ => new Silence();
        var client = await run.NewAsync(new { maxQueueEvents = 100_000, maxQueueBytes = Limit, requestTimeoutMs = 5000 });
        await client.TrackAsync(Sample.Sized(16_000), repeat: 10_000);

        var stats = await client.StatsAsync();
        Expect.That(stats.Undecided is > 400 and <= Limit / 16_000, $"A queue of 8 MiB holds {stats.Undecided} events of 16 KB.");
        Expect.Equal(10_000 - stats.Undecided, stats.Drops.GetValueOrDefault("queue_full"), "drops because the queue is full");
    }

    private static async Task ThreadsAsync(Run run)
    {
        const int Calls = 10, Events = 10_000;
        var client = await run.NewAsync(new { maxQueueEvents = 200_000, maxQueueBytes = 256 * 1024 * 1024 });
        var threads = run.Capabilities.Contains("threads") ? 16 : 1;
        var flushes = new List<Task<Outcome>>();
        for (var call = 0; call < Calls; call++)
        {
            flushes.Add(client.FlushAsync());
            await client.TrackAsync(Sample.Event, repeat: Events, threads: threads);
            flushes.Add(client.FlushAsync());
        }

        await Task.WhenAll(flushes);
        Expect.That(flushes.All(flush => flush.Result.Remaining == 0), "A flush left events.");
        var sent = run.Server.Requests.SelectMany(request => request.Ids).ToList();
        Expect.Equal(Calls * Events, sent.Count, "events sent");
        Expect.Equal(Calls * Events, sent.Distinct().Count(), "different events sent");
        Expect.Equal(Calls * Events, (await client.StatsAsync()).Accepted, "accepted");
    }

    private static async Task FlushDuringFlushAsync(Run run)
    {
        var isTracked = new TaskCompletionSource();
        run.Server.Next(request => new Held(isTracked.Task, Answers.Accept(request)));
        var client = await run.NewAsync(new { flushAt = 100, flushIntervalMs = SendingScenarios.Never });
        await client.TrackAsync(Sample.Event);
        var first = client.FlushAsync();
        await run.RequestsAsync(1);
        var later = (await client.TrackAsync(Sample.Event)).Ids[0]!;
        var second = client.FlushAsync();
        isTracked.SetResult();
        var outcome = await second;

        Expect.Equal(0, outcome.Remaining, "remaining after the second flush");
        Expect.That(run.Server.AcceptedOf(client.Key).Contains(later), "The second flush left the event that was tracked before it.");
        await first;
    }

    private static async Task EmptyFlushAsync(Run run)
    {
        var client = await run.NewAsync();
        var outcome = await client.FlushAsync();
        Expect.That(outcome.Elapsed < TimeSpan.FromSeconds(2), $"A flush without events took {outcome.Elapsed.TotalMilliseconds:0} ms.");
        Expect.Equal(0, run.Server.Requests.Count, "requests");
    }

    private static async Task FlushTimeoutAsync(Run run)
    {
        var isOver = new TaskCompletionSource();
        run.Server.Next(request => new Held(isOver.Task, Answers.Accept(request)));
        var client = await run.NewAsync(new { flushAt = 100, flushIntervalMs = SendingScenarios.Never });
        await client.TrackAsync(Sample.Event, repeat: 3);
        var outcome = await client.FlushAsync(TimeSpan.FromMilliseconds(500));
        isOver.SetResult();

        Expect.Equal(3, outcome.Remaining, "remaining");
        Expect.Equal(0, outcome.Accepted, "accepted");
        await client.SoonAsync(stats => stats.Accepted == 3, "the events count as accepted");
    }

    private static async Task ExpiryAsync(Run run)
    {
        var isRepaired = false;
        run.Server.Otherwise = request => isRepaired ? Answers.Accept(request) : Answers.Problem(503, "stream_unavailable");
        var client = await run.NewAsync(new { flushAt = 1, maxEventAgeMs = 2000, backoffBaseMs = 100, backoffMaxMs = 200 });
        var began = DateTimeOffset.UtcNow;
        var old = (await client.TrackAsync(Sample.Event, repeat: 3)).Ids;
        await Expect.SoonAsync(() => client.Drops.Count > 0, () => "The events did not expire.");
        Expect.That(DateTimeOffset.UtcNow - began >= TimeSpan.FromMilliseconds(1950), "The events expired too early.");
        isRepaired = true;
        await Expect.SoonAsync(() => client.DropsOf("expired").Count == 3, () => $"{client.DropsOf("expired").Count} of 3 events expired.");
        var young = (await client.TrackAsync(Sample.Event)).Ids[0]!;
        await client.FlushAsync();

        Expect.Same(old!, client.Drops.Select(drop => drop.Text("event_id")!), "expired ids");
        Expect.Same([young], run.Server.AcceptedOf(client.Key), "accepted ids");
    }
}
