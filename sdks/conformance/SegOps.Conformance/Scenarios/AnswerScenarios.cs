using SegOps.Conformance.Playing;
using SegOps.Conformance.Server;

namespace SegOps.Conformance.Scenarios;

/// <summary>Answers and connections that say nothing about the events: rules 9, 10 and 13.</summary>
internal static class AnswerScenarios
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new(18, "415, then without compression", PlainAsync),
        new(19, "200 with HTML", run => NotBelievedAsync(run, _ => Answers.Html(200, "Log in to the network"))),
        new(19, "200 with the gateway's JSON", run => NotBelievedAsync(run, request => Answers.Accept(request) with { Status = 200, Reason = "OK", Accepted = [] })),
        new(19, "204", run => NotBelievedAsync(run, _ => new HttpAnswer(204, "No Content"))),
        new(19, "302", run => NotBelievedAsync(run, _ => Answers.Html(302, "Found").With("Location", run.Server.Url + "/login"))),
        new(19, "202 with broken JSON", run => NotBelievedAsync(run, _ => Answers.Lie("{\"accepted\":1,\"rejec"))),
        new(19, "202 with nothing", run => NotBelievedAsync(run, _ => Answers.Lie(""))),
        new(19, "202 with JSON of another form", run => NotBelievedAsync(run, _ => Answers.Lie("[{\"accepted\":1}]"))),
        new(19, "202 with too many accepted", run => NotBelievedAsync(run, _ => Answers.Counts(2, 0))),
        new(19, "202 with too few accepted", run => NotBelievedAsync(run, _ => Answers.Counts(0, 0))),
        new(20, "connection refused", RefusedAsync),
        new(20, "reset in the request", ResetRequestAsync),
        new(20, "reset instead of an answer", run => NotBelievedAsync(run, request => new BrokenOff(Answers.Accept(request), 0, Resets: true))),
        new(20, "answer cut off in its head", run => NotBelievedAsync(run, request => new BrokenOff(Answers.Accept(request), 30))),
        new(20, "answer cut off in its body", run => NotBelievedAsync(run, request => new BrokenOff(Answers.Accept(request), Answers.Accept(request).Bytes().Length - 10))),
        new(20, "no answer", run => NotBelievedAsync(run, _ => new Silence())),
        new(20, "idle connection closed", IdleAsync),
        new(21, "stored, then closed", run => NotBelievedAsync(run, request => new BrokenOff(Answers.Accept(request), 0))),
    ];

    private static async Task PlainAsync(Run run)
    {
        run.Server.Next(Answers.Problem(415, "unsupported_media_type").With("Accept-Encoding", "identity"));
        var client = await run.NewAsync(new { flushAt = 1, backoffBaseMs = 50 });
        client.IsPlain = true;
        for (var count = 1; count <= 2; count++)
        {
            await client.TrackAsync(Sample.Sized(4000));
            await client.FlushAsync();
        }

        Expect.Same(["gzip", "none", "none"], run.Server.Requests.Select(request => request.Head["Content-Encoding"] ?? "none"), "encodings");
        Expect.Same(run.Server.Requests[0].Ids, run.Server.Requests[1].Ids, "ids");
    }

    /// <summary>The event does not count as accepted, and is sent again after a wait with the same id.</summary>
    private static async Task NotBelievedAsync(Run run, Func<Received, Answer> lie)
    {
        var isChecked = new TaskCompletionSource();
        run.Server.Next(lie, request => new Held(isChecked.Task, Answers.Accept(request)));
        var client = await run.NewAsync(new { flushAt = 1, backoffBaseMs = 1000, requestTimeoutMs = 1500, probeIntervalMs = 1000 });
        await client.TrackAsync(Sample.Event);
        var requests = await run.RequestsAsync(2);
        var stats = await client.StatsAsync();
        isChecked.SetResult();

        Expect.Equal(0, stats.Accepted, "accepted");
        Expect.Equal(0, client.Drops.Count, "drops");
        Expect.Same(requests[0].Ids, requests[1].Ids, "ids");
        Expect.Wait(requests[0], requests[1], TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(1200));
        await client.FlushAsync();
    }

    private static async Task RefusedAsync(Run run)
    {
        run.Server.Refuse();
        var client = await run.NewAsync(new { flushAt = 5, backoffBaseMs = 100, backoffMaxMs = 300 });
        await client.TrackAsync(Sample.Event, repeat: 5);
        await Task.Delay(1000);
        run.Server.Listen();
        await client.SoonAsync(stats => stats.Accepted == 5, "the events count as accepted");
    }

    private static async Task ResetRequestAsync(Run run)
    {
        run.Server.ResetNextAfter(1000);
        var client = await run.NewAsync(new { flushAt = 50, backoffBaseMs = 100, gzip = false });
        await client.TrackAsync(Sample.Sized(20_000), repeat: 50);
        await client.FlushAsync();

        Expect.Equal(50, run.Server.Requests.Sum(request => request.Accepted.Count), "accepted events");
        Expect.Equal(0, client.Drops.Count, "drops");
    }

    /// <summary>A server and the proxies before it close connections that are not used.</summary>
    private static async Task IdleAsync(Run run)
    {
        var client = await run.NewAsync(new { flushAt = 1, backoffBaseMs = 100 });
        await client.TrackAsync(Sample.Event);
        await client.FlushAsync();
        run.Server.Refuse();
        run.Server.Listen();
        await client.TrackAsync(Sample.Event);
        var outcome = await client.FlushAsync();

        Expect.Equal(0, outcome.Remaining, "remaining after flush");
        Expect.Equal(2, run.Server.Requests.Count, "requests");
    }
}
