using System.Text.Json.Nodes;
using SegOps.Conformance.Playing;
using SegOps.Conformance.Sdks;

namespace SegOps.Conformance.Scenarios;

/// <summary>What track refuses by itself: rule 4.</summary>
internal static class InputScenarios
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new(5, "values at their limits", run => PlayAsync(run, AtTheLimit)),
        new(5, "values beyond their limits", run => PlayAsync(run, BeyondTheLimit)),
    ];

    /// <summary>Each with the reason for its drop; null where it is valid.</summary>
    private static IEnumerable<(string What, string? Reason, JsonObject Event)> AtTheLimit =>
    [
        ("user_id of 256 characters of 4 bytes", null, Event(userId: Repeated("😀", 256))),
        ("event_type of 128 characters", null, Event(eventType: Repeated("a", 128))),
        ("event_type of 128 characters of 4 bytes", null, Event(eventType: Repeated("😀", 128))),
        ("event_type that is not snake_case", null, Event(eventType: "OrderPlaced")),
        ("payload of 32,768 bytes", null, Event(payload: Note("a", 32_768 - 11))),
        ("payload of 32,768 bytes in characters of 3 bytes", null, Event(payload: Note("語", 10_919))),
        ("payload of 10 levels", null, Event(payload: Nested(10))),
        ("occurred_at in 23 hours", null, Event(occurredAt: DateTime.UtcNow.AddHours(23))),
        ("occurred_at in 2000", null, Event(occurredAt: new DateTime(2000, 1, 1, 0, 0, 1, DateTimeKind.Utc))),
    ];

    private static IEnumerable<(string What, string? Reason, JsonObject Event)> BeyondTheLimit =>
    [
        ("user_id that is empty", "invalid", Event(userId: "")),
        ("user_id of 257 characters", "invalid", Event(userId: Repeated("a", 257))),
        ("user_id of 257 characters of 4 bytes", "invalid", Event(userId: Repeated("😀", 257))),
        ("event_type that is empty", "invalid", Event(eventType: "")),
        ("event_type of 129 characters", "invalid", Event(eventType: Repeated("a", 129))),
        ("event_type with U+0007", "invalid", Event(eventType: "order\u0007placed")),
        ("event_type with U+0085", "invalid", Event(eventType: "order\u0085placed")),
        ("payload of 32,769 bytes", "too_large", Event(payload: Note("a", 32_769 - 11))),
        ("payload of 32,771 bytes in characters of 3 bytes", "too_large", Event(payload: Note("語", 10_920))),
        ("payload of 11 levels", "invalid", Event(payload: Nested(11))),
        ("payload of 11 levels of arrays", "invalid", Event(payload: new JsonObject { ["a"] = Arrays(10) })),
        ("payload that is an array", "invalid", Event(payload: new JsonArray(1, 2))),
        ("occurred_at in 25 hours", "invalid", Event(occurredAt: DateTime.UtcNow.AddHours(25))),
        ("occurred_at in 1999", "invalid", Event(occurredAt: new DateTime(1999, 12, 31, 23, 59, 58, DateTimeKind.Utc))),
        ("event_id that is no UUID", "invalid", Event(eventId: "order-1")),
        ("event_id that is the nil UUID", "invalid", Event(eventId: Guid.Empty.ToString())),
    ];

    private static async Task PlayAsync(Run run, IEnumerable<(string What, string? Reason, JsonObject Event)> inputs)
    {
        var client = await run.NewAsync(new { flushAt = 500, flushIntervalMs = SendingScenarios.Never });
        var valid = (await client.TrackAsync(Sample.Event)).Ids.ToList();
        foreach (var (what, reason, input) in inputs)
        {
            var drops = client.Drops.Count;
            if (await TryTrackAsync(client, input) is not { } ids)
                continue;
            if (reason is null)
                valid.AddRange(ids);
            if (reason is null)
                Expect.That(ids[0] is not null && client.Drops.Count == drops, $"{what} was refused.");
            else
                await Expect.SoonAsync(() => client.Drops.Count == drops + 1, () => $"{what} was not dropped.", Patience.Current / 3);
            if (reason is not null)
                Expect.Equal(reason, client.Drops[^1].Text("reason"), what);
            if (reason is not null)
                Expect.That(client.Drops[^1].Text("message") is { Length: > 0 }, $"The drop of {what} has no message.");
        }

        await client.FlushAsync();
        Expect.Same(valid!, run.Server.Requests.SelectMany(request => request.Ids), "ids that were sent");
    }

    /// <returns>Null where the driver says that the SDK's types cannot hold the input.</returns>
    private static async Task<IReadOnlyList<string?>?> TryTrackAsync(Client client, JsonObject input)
    {
        try
        {
            return (await client.TrackAsync(input)).Ids;
        }
        catch (InexpressibleException)
        {
            return null;
        }
    }

    private static JsonObject Event(
        string userId = Sample.UserId, string eventType = Sample.EventType, JsonNode? payload = null, DateTime? occurredAt = null, string? eventId = null)
    {
        var made = new JsonObject { ["userId"] = userId, ["eventType"] = eventType };
        if (payload is not null)
            made["payload"] = payload;
        if (occurredAt is { } time)
            made["occurredAt"] = time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
        if (eventId is not null)
            made["eventId"] = eventId;
        return made;
    }

    private static JsonObject Note(string text, int count) => new() { ["note"] = Repeated(text, count) };

    private static string Repeated(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    private static JsonObject Nested(int levels) => levels == 1 ? new JsonObject { ["end"] = true } : new JsonObject { ["in"] = Nested(levels - 1) };

    private static JsonArray Arrays(int levels) => levels == 1 ? [1] : [Arrays(levels - 1)];
}
