using System.Globalization;
using System.Text.Json;
using SegOps.Conformance.Playing;
using SegOps.Conformance.Sdks;

namespace SegOps.Conformance.Scenarios;

/// <summary>What is sent, and when: rules 1 to 3, 7 and 8.</summary>
internal static class SendingScenarios
{
    /// <summary>Longer than any scenario, so that only what a scenario is about makes a client send.</summary>
    public const int Never = 600_000;

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new(1, "one event", OneEventAsync),
        new(1, "one event over 1 KiB", OneLargeEventAsync),
        new(1, "ids in their order", IdsAsync),
        new(1, "id and time of the caller", OwnIdAsync),
        new(2, "count trigger", CountAsync),
        new(3, "interval trigger", IntervalAsync),
        new(3, "interval from the oldest event", OldestAsync),
        new(4, "identify", IdentifyAsync),
        new(6, "500 events of 32 KB", BytesAsync),
        new(7, "1,200 events", BacklogAsync),
    ];

    private static async Task OneEventAsync(Run run)
    {
        var client = await run.NewAsync(new { flushAt = 100, flushIntervalMs = 2500 });
        var before = DateTimeOffset.UtcNow;
        var tracked = await client.TrackAsync(Sample.Event);
        var after = DateTimeOffset.UtcNow;
        var request = (await run.RequestsAsync(1))[0];

        Expect.Equal(1, request.Events.Count, "events");
        var sent = request.Events[0];
        Expect.Equal(tracked.Ids[0], sent.Id, "event_id");
        Expect.That(sent.Id is [.., '-', '7', _, _, _, '-', '8' or '9' or 'a' or 'b', _, _, _, '-', _, _, _, _, _, _, _, _, _, _, _, _], $"{sent.Id} is not a UUID of version 7.");
        var milliseconds = long.Parse(sent.Id.Replace("-", "", StringComparison.Ordinal)[..12], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        Within(before, after, DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), "the time in event_id");
        Within(before, after, DateTimeOffset.Parse(sent.Json.Text("occurred_at")!, CultureInfo.InvariantCulture), "occurred_at");
        Expect.That(request.At - before >= TimeSpan.FromSeconds(2), "The event was sent before its interval was over.");
        Expect.Equal(Sample.UserId, sent.Json.Text("user_id"), "user_id");
        Expect.Equal(Sample.EventType, sent.Type, "event_type");
        Expect.That(JsonElement.DeepEquals(JsonSerializer.SerializeToElement(new { note = Sample.Marker, total = 89.95, paid = true }), sent.Payload), $"The payload is {sent.Payload}.");
        await client.SoonAsync(stats => stats.Accepted == 1, "the event counts as accepted");
    }

    private static async Task OneLargeEventAsync(Run run)
    {
        var client = await run.NewAsync(new { flushAt = 1 });
        await client.TrackAsync(Sample.Sized(4000));
        var request = (await run.RequestsAsync(1))[0];

        Expect.Equal("gzip", request.Head["Content-Encoding"], "Content-Encoding");
        Expect.That(request.Wire.Length < request.Body.Length, "The body is not smaller after compression.");
        await client.SoonAsync(stats => stats.Accepted == 1, "the event counts as accepted");
    }

    private static async Task IdsAsync(Run run)
    {
        var client = await run.NewAsync(new { flushAt = 500 });
        var ids = (await client.TrackAsync(Sample.Event, repeat: 1000)).Ids;

        Expect.Equal(1000, ids.Distinct().Count(), "different ids");
        Expect.Same(ids.OfType<string>().Order(StringComparer.Ordinal), ids.OfType<string>(), "ids in the order of the calls");
        await client.FlushAsync();
    }

    private static async Task OwnIdAsync(Run run)
    {
        const string Id = "0190163d-8694-4c10-b2d4-1f6e0a9c3b57";
        var client = await run.NewAsync(new { flushAt = 1 });
        var tracked = await client.TrackAsync(new { userId = Sample.UserId, eventType = Sample.EventType, eventId = Id, occurredAt = "2026-01-02T03:04:05.678Z" });
        var sent = (await run.RequestsAsync(1))[0].Events[0];

        Expect.Equal(Id, tracked.Ids[0], "the id that track returned");
        Expect.Equal(Id, sent.Id, "event_id");
        Expect.Equal("2026-01-02T03:04:05.678Z", sent.Json.Text("occurred_at"), "occurred_at");
        await client.SoonAsync(stats => stats.Accepted == 1, "the event counts as accepted");
    }

    private static async Task CountAsync(Run run)
    {
        var client = await run.NewAsync(new { flushAt = 20, flushIntervalMs = Never });
        var first = await client.TrackAsync(Sample.Event, repeat: 19);
        await Task.Delay(500);
        Expect.Equal(0, run.Server.Requests.Count, "requests before the 20th event");
        var last = await client.TrackAsync(Sample.Event);
        var request = (await run.RequestsAsync(1))[0];

        Expect.Same([.. first.Ids!, last.Ids[0]!], request.Ids, "ids");
        await client.SoonAsync(stats => stats.Accepted == 20, "the events count as accepted");
    }

    private static async Task IntervalAsync(Run run)
    {
        var client = await run.NewAsync(new { flushAt = 100, flushIntervalMs = 1000 });
        for (var count = 1; count <= 3; count++)
        {
            await client.TrackAsync(Sample.Event);
            await run.RequestsAsync(count);
        }

        await client.SoonAsync(stats => stats.Accepted == 3, "the events count as accepted");
    }

    /// <summary>A client that begins its interval anew with each event never sends to this scenario.</summary>
    private static async Task OldestAsync(Run run)
    {
        var client = await run.NewAsync(new { flushAt = 500, flushIntervalMs = 2000 });
        for (var count = 0; run.Server.Requests.Count == 0; count++)
        {
            Expect.That(count < 80, "Nothing was sent while events came more often than once an interval.");
            await client.TrackAsync(Sample.Event);
            await Task.Delay(100);
        }

        await client.FlushAsync();
    }

    private static async Task IdentifyAsync(Run run)
    {
        var traits = new { email = Sample.UserId, plan = "starter", seats = 3, nested = new { country = "US" } };
        var client = await run.NewAsync(new { flushAt = 1 });
        var ids = await client.IdentifyAsync(Sample.UserId, traits);
        var sent = (await run.RequestsAsync(1))[0].Events[0];

        Expect.Equal(ids[0], sent.Id, "event_id");
        Expect.Equal("context_identified", sent.Type, "event_type");
        Expect.Equal(Sample.UserId, sent.Json.Text("user_id"), "user_id");
        Expect.That(JsonElement.DeepEquals(JsonSerializer.SerializeToElement(traits), sent.Payload), $"The payload is {sent.Payload}.");
        await client.SoonAsync(stats => stats.Accepted == 1, "the event counts as accepted");
    }

    private static async Task BytesAsync(Run run)
    {
        var client = await run.NewAsync(new { flushAt = 500, maxQueueBytes = 64 * 1024 * 1024 });
        var tracked = await client.TrackAsync(Sample.Sized(32_000), repeat: 500);
        await client.FlushAsync();

        Expect.Same(tracked.Ids!, run.Server.Requests.SelectMany(request => request.Ids), "ids");
        Expect.That(run.Server.Requests.Count is >= 8 and <= 40, $"16 MB were sent in {run.Server.Requests.Count} requests.");
    }

    private static async Task BacklogAsync(Run run)
    {
        var all = new TaskCompletionSource();
        run.Server.Next(request => new Server.Held(all.Task, Server.Answers.Accept(request)));
        var client = await run.NewAsync(new { flushAt = 100, flushIntervalMs = Never });
        var tracked = await client.TrackAsync(Sample.Event, repeat: 1200);
        all.SetResult();
        await client.FlushAsync();

        Expect.Same(tracked.Ids!, run.Server.Requests.SelectMany(request => request.Ids), "ids");
        var counts = run.Server.Requests.Select(request => request.Events.Count).ToArray();
        Expect.That(counts[1..^1].All(count => count == 500), $"A backlog was sent in requests of {string.Join(", ", counts)} events.");
    }

    private static void Within(DateTimeOffset before, DateTimeOffset after, DateTimeOffset time, string what) =>
        Expect.That(time >= before.AddMilliseconds(-20) && time <= after.AddSeconds(1), $"track was called at {before:O}, but {what} is {time:O}.");
}
