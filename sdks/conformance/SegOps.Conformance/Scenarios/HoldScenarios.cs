using SegOps.Conformance.Playing;
using SegOps.Conformance.Sdks;
using SegOps.Conformance.Server;

namespace SegOps.Conformance.Scenarios;

/// <summary>What holds events back until somebody changes the plan or the configuration: rules 16 and 17.</summary>
internal static class HoldScenarios
{
    private const int ProbeMs = 1000;

    private static readonly TimeSpan SoonestProbe = TimeSpan.FromMilliseconds(0.8 * ProbeMs);
    private static readonly TimeSpan LatestProbe = TimeSpan.FromMilliseconds(1.2 * ProbeMs);

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new(16, "quota_exceeded with 7 of 20 remaining", QuotaAsync),
        new(17, "401 invalid_api_key", run => HoldAsync(run, Answers.Problem(401, "invalid_api_key"))),
        new(17, "403 origin_not_allowed", run => HoldAsync(run, Answers.Problem(403, "origin_not_allowed"))),
        new(17, "404 of a proxy", run => HoldAsync(run, Answers.Html(404, "Not found"))),
        new(17, "405 method_not_allowed", run => HoldAsync(run, Answers.Problem(405, "method_not_allowed"))),
        new(17, "308 to another path", run => HoldAsync(run, Answers.Html(308, "Moved").With("Location", run.Server.Url + "/elsewhere/"))),
    ];

    private static async Task QuotaAsync(Run run)
    {
        var isRaised = false;
        run.Server.Next(_ => Answers.QuotaExceeded(7), Answers.Accept);
        run.Server.Otherwise = request => isRaised ? Answers.Accept(request) : Answers.QuotaExceeded(0);
        var client = await run.NewAsync(new { flushAt = 20, flushIntervalMs = 300, probeIntervalMs = ProbeMs, backoffBaseMs = 50 });
        var ids = (await client.TrackAsync(Sample.Event, repeat: 20)).Ids;
        var requests = await run.RequestsAsync(4);
        isRaised = true;
        await client.FlushAsync();

        Expect.Same(ids.Take(7)!, requests[1].Ids, "ids of the request that fits");
        ExpectProbe(requests[1], requests[2]);
        ExpectProbe(requests[2], requests[3]);
        ExpectOneError(client, "quota", 1);
    }

    private static async Task HoldAsync(Run run, Answer refusal)
    {
        var isRepaired = false;
        run.Server.Otherwise = request => isRepaired ? Answers.Accept(request) : refusal;
        var client = await run.NewAsync(new { flushAt = 10, flushIntervalMs = SendingScenarios.Never, probeIntervalMs = ProbeMs, backoffBaseMs = 50 });
        await client.TrackAsync(Sample.Event, repeat: 10);
        var requests = await run.RequestsAsync(3);
        isRepaired = true;
        await client.FlushAsync();

        await client.SoonAsync(stats => stats.Accepted == 10, "the events count as accepted");
        ExpectProbe(requests[0], requests[1]);
        ExpectProbe(requests[1], requests[2]);
        Expect.That(requests[1].Events[0].Id != requests[2].Events[0].Id, "The same event was probed twice.");
        ExpectOneError(client, "configuration", 1);

        run.Server.Next(refusal);
        await client.TrackAsync(Sample.Event);
        await client.FlushAsync();
        ExpectOneError(client, "configuration", 2);
    }

    private static void ExpectProbe(Received before, Received probe)
    {
        Expect.Equal(1, probe.Events.Count, "events of a probe");
        Expect.Wait(before, probe, SoonestProbe, LatestProbe);
    }

    /// <summary>One error for each episode.</summary>
    private static void ExpectOneError(Client client, string kind, int episodes)
    {
        Expect.Equal(episodes, client.Errors.Count(error => error.Text("kind") == kind), $"errors of the kind {kind}");
        Expect.Equal(0, client.Drops.Count, "drops");
    }
}
