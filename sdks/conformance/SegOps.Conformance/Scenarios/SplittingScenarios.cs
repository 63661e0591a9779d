using System.Text.Json;
using SegOps.Conformance.Playing;
using SegOps.Conformance.Sdks;
using SegOps.Conformance.Server;

namespace SegOps.Conformance.Scenarios;

/// <summary>Batches that the server refuses because of one event or of their size: rule 12.</summary>
internal static class SplittingScenarios
{
    private const int Poison = 37;

    private static readonly HttpAnswer TooLarge = Answers.Problem(413, "body_too_large");

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new(10, "malformed_json for one of 64", run => PoisonAsync(run, Answers.Problem(400, "malformed_json"))),
        new(10, "422 of a firewall for one of 64", run => PoisonAsync(run, Answers.Html(422, "Blocked"))),
        new(10, "batch_too_large over 100", BatchTooLargeAsync),
        new(11, "413 over 8 events", LimitAsync),
        new(11, "413 for one event", LoneAsync),
        new(11, "413 recovers", RecoveryAsync),
    ];

    private static async Task PoisonAsync(Run run, Answer refusal)
    {
        run.Server.Otherwise = request => request.Events.Any(IsPoison) ? refusal : Answers.Accept(request);
        var client = await run.NewAsync(new { flushAt = 64, flushIntervalMs = SendingScenarios.Never, backoffBaseMs = 100, backoffMaxMs = 200 });
        var ids = (await client.TrackAsync(Sample.Event, repeat: 64)).Ids;
        await client.FlushAsync();

        await Expect.SoonAsync(() => client.Drops.Count >= 1, () => "The drop was not reported.");
        Expect.Same([ids[Poison]!], client.Drops.Select(drop => drop.Text("event_id")!), "dropped ids");
        Expect.Equal("rejected", client.Drops[0].Text("reason"), "reason");
        Expect.That(run.Server.Requests.Count <= 30, $"One event of 64 was found with {run.Server.Requests.Count} requests.");
        Expect.Wait(run.Server.Requests[0], run.Server.Requests[1], TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(100));
    }

    private static async Task BatchTooLargeAsync(Run run)
    {
        run.Server.Otherwise = request => request.Events.Count > 100 ? Answers.Problem(400, "batch_too_large") : Answers.Accept(request);
        var client = await run.NewAsync(new { flushAt = 500, flushIntervalMs = SendingScenarios.Never, backoffBaseMs = 50, backoffMaxMs = 100 });
        await client.TrackAsync(Sample.Event, repeat: 499);
        var outcome = await client.FlushAsync();

        Expect.Equal(499, outcome.Accepted, "accepted by flush");
    }

    private static async Task LimitAsync(Run run)
    {
        run.Server.Otherwise = request => request.Events.Count > 8 ? TooLarge : Answers.Accept(request);
        var client = await run.NewAsync(new { flushAt = 64, flushIntervalMs = SendingScenarios.Never, backoffBaseMs = 50, backoffMaxMs = 100 });
        var ids = (await client.TrackAsync(Sample.Event, repeat: 64)).Ids;
        await client.FlushAsync();

        var requests = run.Server.Requests;
        Expect.Same(ids!, requests.SelectMany(request => request.Accepted), "accepted ids");
        var first = requests.TakeWhile(request => request.Answer == TooLarge).Count();
        Expect.That(first <= 6, $"The limit was found after {first} requests.");
        Expect.Equal(0, requests.Skip(first).Count(request => request.Answer == TooLarge), "refused requests after the first that was accepted");
        Expect.Wait(requests[0], requests[1], TimeSpan.FromMilliseconds(25), TimeSpan.FromMilliseconds(50));
    }

    private static async Task LoneAsync(Run run)
    {
        run.Server.Otherwise = request => request.Events.Any(IsPoison) ? TooLarge : Answers.Accept(request);
        var client = await run.NewAsync(new { flushAt = 40, flushIntervalMs = SendingScenarios.Never, backoffBaseMs = 50, backoffMaxMs = 100 });
        var ids = (await client.TrackAsync(Sample.Event, repeat: 40)).Ids;
        await client.FlushAsync();

        await Expect.SoonAsync(() => client.Drops.Count >= 1, () => "The drop was not reported.");
        Expect.Same([ids[Poison]!], client.Drops.Select(drop => drop.Text("event_id")!), "dropped ids");
        Expect.Equal("too_large", client.Drops[0].Text("reason"), "reason");
        Expect.Equal(413, client.Drops[0].Number("status"), "status");
    }

    private static async Task RecoveryAsync(Run run)
    {
        run.Server.Next(TooLarge);
        var client = await run.NewAsync(
            new { flushAt = 64, flushIntervalMs = SendingScenarios.Never, backoffBaseMs = 50, backoffMaxMs = 100, byteLimitMs = 1500 });
        await client.TrackAsync(Sample.Event, repeat: 64);
        await client.FlushAsync();
        Expect.That(run.Server.Requests.Skip(1).All(request => request.Events.Count < 64), "The batch was not sent again in parts.");
        await Task.Delay(2000);
        await client.TrackAsync(Sample.Event, repeat: 64);
        await client.FlushAsync();

        Expect.Equal(64, run.Server.Requests[^1].Events.Count, "events of a request after the limit has ended");
    }

    private static bool IsPoison(ReceivedEvent each) =>
        each.Payload.TryGetProperty("n", out var n) && n.ValueKind == JsonValueKind.Number && n.GetInt32() == Poison;
}
