using System.Text.Json;
using SegOps.Conformance.Playing;
using SegOps.Conformance.Sdks;
using SegOps.Conformance.Server;

namespace SegOps.Conformance.Scenarios;

/// <summary>What the server rejects event by event: rule 11.</summary>
internal static class RejectionScenarios
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new(8, "202 with three of 500 rejected", PartialAsync),
        new(9, "400 validation_failed for all", AllInvalidAsync),
        new(9, "400 validation_failed for some", SomeInvalidAsync),
    ];

    private static async Task PartialAsync(Run run)
    {
        run.Server.Next(request => Answers.Partial(request, [0, 249, 499], errors: [0, 249, 249, 499], warned: [1, 250]));
        var client = await run.NewAsync(new { flushAt = 500, flushIntervalMs = SendingScenarios.Never });
        var ids = (await client.TrackAsync(Sample.Event, repeat: 500)).Ids;
        await client.FlushAsync();

        await Expect.SoonAsync(() => client.Drops.Count >= 3 && Warnings(client).Count >= 2, () => "The drops or the warnings were not reported.");
        ExpectRejections(client, ids[0]!, ids[249]!, ids[499]!);
        Expect.Same([ids[1]!, ids[250]!], Warnings(client).Select(warning => warning.Text("event_id")!), "ids of the warnings");
        Expect.Equal(1, run.Server.Requests.Count, "requests");
        await client.SoonAsync(stats => (stats.Accepted, stats.Rejected) == (497, 3), "497 events count as accepted and 3 as rejected");
    }

    private static async Task AllInvalidAsync(Run run)
    {
        run.Server.Next(Answers.ValidationFailed([0, 1, 2]));
        var client = await run.NewAsync(new { flushAt = 3, flushIntervalMs = SendingScenarios.Never });
        var ids = (await client.TrackAsync(Sample.Event, repeat: 3)).Ids;
        await client.FlushAsync();

        await Expect.SoonAsync(() => client.Drops.Count >= 3, () => "The drops were not reported.");
        ExpectRejections(client, [.. ids!]);
        Expect.Equal(1, run.Server.Requests.Count, "requests");
    }

    private static async Task SomeInvalidAsync(Run run)
    {
        run.Server.Next(Answers.ValidationFailed([2, 5]));
        var client = await run.NewAsync(new { flushAt = 10, flushIntervalMs = SendingScenarios.Never, backoffBaseMs = 50 });
        var ids = (await client.TrackAsync(Sample.Event, repeat: 10)).Ids;
        await client.FlushAsync();

        await Expect.SoonAsync(() => client.Drops.Count >= 2, () => "The drops were not reported.");
        ExpectRejections(client, ids[2]!, ids[5]!);
        Expect.Same(ids.Except([ids[2], ids[5]])!, run.Server.Requests.Skip(1).SelectMany(request => request.Ids), "ids that were sent again");
    }

    /// <summary>The drops say what the server said.</summary>
    private static void ExpectRejections(Client client, params string[] ids)
    {
        Expect.Same(ids, client.Drops.Select(drop => drop.Text("event_id")!), "dropped ids");
        foreach (var drop in client.Drops)
        {
            Expect.Equal("rejected", drop.Text("reason"), "reason");
            Expect.Equal("user_id", drop.Text("field"), "field");
            Expect.Equal("invalid_characters", drop.Text("code"), "code");
            Expect.Equal("user_id has a character that is not allowed.", drop.Text("message"), "message");
            Expect.Equal(Sample.EventType, drop.Text("event_type"), "event_type");
        }
    }

    /// <summary>Those of the server, without what the SDK warns of by itself.</summary>
    private static List<JsonElement> Warnings(Client client) =>
        [.. client.Warnings.Where(warning => warning.Text("code") == "event_type_not_snake_case")];
}
