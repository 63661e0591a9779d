using SegOps.Conformance.Playing;
using SegOps.Conformance.Sdks;
using SegOps.Conformance.Server;

namespace SegOps.Conformance.Scenarios;

/// <summary>The beginning and the end of a client: rules 3, 5, 21, 22 and 25.</summary>
internal static class LifecycleScenarios
{
    private static readonly HttpAnswer LongPause = Answers.Problem(503, "overloaded").With("Retry-After", "2678400");

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new(5, "configuration that is refused", ConfigurationAsync),
        new(25, "shutdown delivers", CleanAsync),
        new(25, "shutdown of a hung server", HungAsync),
        new(25, "shutdown during a long pause", PausedAsync),
        new(25, "shutdown twice, and a track after it", TwiceAsync),
        new(25, "shutdown of an unused client", UnusedAsync),
        new(26, "callbacks and a transport that throw", ThrowingAsync),
        new(27, "payload changed after track", MutationAsync),
        new(28, "exit after everything was sent", ExitIdleAsync),
        new(28, "exit while events wait", ExitWaitingAsync),
        new(28, "exit during a pause", ExitPausedAsync),
        new(28, "client that is not enabled", DisabledAsync),
    ];

    private static async Task ConfigurationAsync(Run run)
    {
        foreach (var apiUrl in (string[])["http://api.example.com", "not a url", "ftp://127.0.0.1"])
        {
            var (reply, _) = await run.TryNewAsync(new { apiUrl });
            Expect.That(!reply.GetProperty("ok").GetBoolean(), $"The constructor takes the apiUrl '{apiUrl}'.");
        }

        var (keyless, _) = await run.TryNewAsync(key: "");
        Expect.That(!keyless.GetProperty("ok").GetBoolean(), "The constructor takes an empty apiKey.");
        var (insecure, _) = await run.TryNewAsync(new { apiUrl = "http://api.example.com", allowInsecure = true }, "insecure");
        Expect.That(insecure.GetProperty("ok").GetBoolean(), "The constructor refuses http:// although allowInsecure is set.");
    }

    private static async Task CleanAsync(Run run)
    {
        var client = await run.NewAsync(new { flushAt = 100, flushIntervalMs = SendingScenarios.Never });
        await client.TrackAsync(Sample.Event, repeat: 5);
        var outcome = await client.ShutdownAsync();

        Expect.Equal(5, outcome.Accepted, "accepted by shutdown");
        Expect.Equal(0, outcome.Remaining, "remaining after shutdown");
    }

    private static async Task HungAsync(Run run)
    {
        run.Server.Otherwise = _ => new Silence();
        var client = await run.NewAsync(new { flushAt = 5, requestTimeoutMs = 60_000 });
        var ids = (await client.TrackAsync(Sample.Event, repeat: 5)).Ids;
        await run.RequestsAsync(1);
        var outcome = await client.ShutdownAsync(TimeSpan.FromMilliseconds(1500));

        Expect.That(
            outcome.Elapsed.TotalMilliseconds is >= 1450 and < 8000, $"A shutdown within 1500 ms took {outcome.Elapsed.TotalMilliseconds:0} ms.");
        await ExpectShutdownDropsAsync(client, ids);
    }

    private static async Task PausedAsync(Run run)
    {
        run.Server.Next(LongPause);
        var client = await run.NewAsync(new { flushAt = 5 });
        var ids = (await client.TrackAsync(Sample.Event, repeat: 5)).Ids;
        await run.RequestsAsync(1);
        await client.SoonAsync(stats => stats.InFlight == 0, "the answer was read");
        var outcome = await client.ShutdownAsync(TimeSpan.FromSeconds(30));

        Expect.That(outcome.Elapsed < TimeSpan.FromSeconds(10), $"A shutdown during a longer pause took {outcome.Elapsed.TotalMilliseconds:0} ms.");
        await ExpectShutdownDropsAsync(client, ids);
        Expect.Equal(1, run.Server.Requests.Count, "requests");
    }

    private static async Task TwiceAsync(Run run)
    {
        var client = await run.NewAsync(new { flushAt = 100, flushIntervalMs = SendingScenarios.Never });
        await client.TrackAsync(Sample.Event);
        await Task.WhenAll(client.ShutdownAsync(), client.ShutdownAsync());
        await client.ShutdownAsync();
        await client.TrackAsync(Sample.Event);

        await Expect.SoonAsync(() => client.DropsOf("closed").Count == 1, () => "The event after the shutdown was not dropped as closed.");
        Expect.Equal(1, run.Server.Requests.Count, "requests");
    }

    private static async Task UnusedAsync(Run run)
    {
        var client = await run.NewAsync();
        var outcome = await client.ShutdownAsync();

        Expect.That(outcome.Elapsed < TimeSpan.FromSeconds(5), $"The shutdown of an unused client took {outcome.Elapsed.TotalMilliseconds:0} ms.");
        Expect.Equal(0, run.Server.Requests.Count, "requests");
    }

    private static async Task ThrowingAsync(Run run)
    {
        run.Server.Next(_ => Answers.Problem(401, "invalid_api_key"), request => Answers.Partial(request, [], warned: [0]));
        run.Server.Next(request => Answers.Partial(request, [1], warned: [0]));
        var client = await run.NewAsync(
            new { flushAt = 10, flushIntervalMs = SendingScenarios.Never, backoffBaseMs = 50, probeIntervalMs = 200, throwingTransport = 2 });
        await client.ThrowInCallbacksAsync();
        await client.TrackAsync(new { userId = "", eventType = Sample.EventType });
        await client.TrackAsync(Sample.Event, repeat: 10);
        await client.FlushAsync();
        await client.TrackAsync(Sample.Event, repeat: 10);
        await client.FlushAsync();

        var stats = await client.StatsAsync();
        Expect.Equal(19, stats.Accepted, "accepted");
        Expect.Equal(1, stats.Rejected, "rejected");
        Expect.Equal(1, stats.Dropped, "dropped");
    }

    private static async Task MutationAsync(Run run)
    {
        var client = await run.NewAsync(new { flushAt = 100, flushIntervalMs = 500 });
        await client.MutateAsync(
            new { userId = Sample.UserId, eventType = Sample.EventType, payload = new { status = "before", total = 1 } }, new { status = "after", total = 2 });
        var payload = (await run.RequestsAsync(1))[0].Events[0].Payload;

        Expect.Equal("before", payload.Text("status"), "status");
        Expect.Equal(1, payload.Number("total"), "total");
        await client.SoonAsync(stats => stats.Accepted == 1, "the event counts as accepted");
    }

    private static async Task ExitIdleAsync(Run run)
    {
        run.ExitPatience = Patience.Current / 6;
        var client = await run.NewAsync();
        await client.TrackAsync(Sample.Event);
        await client.FlushAsync();
    }

    private static async Task ExitWaitingAsync(Run run)
    {
        run.ExitPatience = Patience.Current / 6;
        var client = await run.NewAsync(new { flushIntervalMs = SendingScenarios.Never });
        await client.TrackAsync(Sample.Event);
    }

    private static async Task ExitPausedAsync(Run run)
    {
        run.ExitPatience = Patience.Current / 6;
        run.Server.Otherwise = _ => LongPause;
        var client = await run.NewAsync(new { flushAt = 1 });
        await client.TrackAsync(Sample.Event);
        await run.RequestsAsync(1);
        await client.SoonAsync(stats => stats.InFlight == 0, "the answer was read");
    }

    private static async Task DisabledAsync(Run run)
    {
        var client = await run.NewAsync(new { enabled = false, flushAt = 1 });
        await client.TrackAsync(Sample.Event, repeat: 3);
        await client.FlushAsync();
        await client.ShutdownAsync();

        Expect.Equal(0, run.Server.Requests.Count, "requests");
        Expect.Equal(0, client.Drops.Count, "drops");
    }

    private static async Task ExpectShutdownDropsAsync(Client client, IReadOnlyList<string?> ids)
    {
        await Expect.SoonAsync(() => client.Drops.Count >= ids.Count, () => "The events were not dropped.");
        Expect.Same(ids!, client.Drops.Select(drop => drop.Text("event_id")!), "dropped ids");
        Expect.Equal(ids.Count, client.DropsOf("shutdown").Count, "drops because of the shutdown");
    }
}
