using SegOps.Conformance.Playing;
using SegOps.Conformance.Server;

namespace SegOps.Conformance.Scenarios;

/// <summary>When a client tries again: rules 13 to 15.</summary>
internal static class RetryScenarios
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new(12, "500, 502, 503, 504, 408, then 202", BackoffAsync),
        new(12, "jitter", JitterAsync),
        new(12, "400 bad_request, three times at most", BadRequestAsync),
        new(13, "503 with Retry-After in seconds", RetryAfterSecondsAsync),
        new(13, "503 with Retry-After as a date", RetryAfterDateAsync),
        new(13, "Retry-After below the backoff", ShortRetryAfterAsync),
        new(13, "Retry-After that is no time", BrokenRetryAfterAsync),
        new(14, "rate_limited", run => PauseAsync(run, "rate_limited")),
        new(14, "too_many_failures", run => PauseAsync(run, "too_many_failures")),
        new(15, "RateLimit r=0 on 202", ExhaustedAsync),
    ];

    private static async Task BackoffAsync(Run run)
    {
        run.Server.Next(
            Answers.Problem(500, "internal_error"), Answers.Html(502, "Bad gateway"), Answers.Problem(503, "stream_unavailable"),
            Answers.Problem(504, "upstream_unavailable"), Answers.Problem(408, "request_timeout"));
        var client = await run.NewAsync(new { flushAt = 5, backoffBaseMs = 200, backoffMaxMs = 1000 });
        await client.TrackAsync(Sample.Event, repeat: 5);
        var requests = await run.RequestsAsync(6);

        foreach (var (index, longest) in ((int[])[200, 400, 800, 1000, 1000]).Index())
            Expect.Wait(requests[index], requests[index + 1], TimeSpan.FromMilliseconds(longest / 2), TimeSpan.FromMilliseconds(longest));
        foreach (var request in requests)
            Expect.Same(requests[0].Ids, request.Ids, "ids");
        await client.SoonAsync(stats => stats.Accepted == 5, "the events count as accepted");
    }

    /// <summary>Without jitter, no wait is below the longest one. With it, twelve waits in the upper fifth would be a rare accident.</summary>
    private static async Task JitterAsync(Run run)
    {
        run.Server.Next(Enumerable.Repeat(Answers.Problem(500, "internal_error"), 12));
        var client = await run.NewAsync(new { flushAt = 1, backoffBaseMs = 400, backoffMaxMs = 400 });
        await client.TrackAsync(Sample.Event);
        var requests = await run.RequestsAsync(13);

        var waits = requests.Zip(requests.Skip(1), (before, after) => before.Until(after).TotalMilliseconds).ToArray();
        Expect.That(waits.Min() is >= 180 and < 360, $"The shortest of 12 waits from 200 to 400 ms is {waits.Min():0} ms.");
        await client.SoonAsync(stats => stats.Accepted == 1, "the event counts as accepted");
    }

    private static async Task BadRequestAsync(Run run)
    {
        run.Server.Otherwise = _ => Answers.Problem(400, "bad_request");
        var client = await run.NewAsync(new { flushAt = 1, backoffBaseMs = 50, backoffMaxMs = 100 });
        await client.TrackAsync(Sample.Event);
        await client.FlushAsync();

        await Expect.SoonAsync(() => client.DropsOf("rejected").Count == 1, () => "The event was not dropped as rejected.");
        Expect.That(run.Server.Requests.Count is 3 or 4, $"The event was sent {run.Server.Requests.Count} times.");
    }

    private static async Task RetryAfterSecondsAsync(Run run)
    {
        run.Server.Next(Answers.Problem(503, "stream_unavailable").With("Retry-After", "2"));
        await RetryAsync(run, backoffBaseMs: 50);
        Expect.Wait(run.Server.Requests[0], run.Server.Requests[1], TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));
    }

    private static async Task RetryAfterDateAsync(Run run)
    {
        var date = default(DateTimeOffset);
        run.Server.Next(_ =>
        {
            date = DateTimeOffset.UtcNow.AddSeconds(3);
            return Answers.Problem(503, "overloaded").With("Retry-After", date.ToString("R"));
        });
        await RetryAsync(run, backoffBaseMs: 50);

        // The form of dates has no fractions of a second.
        Expect.That(run.Server.Requests[1].At >= date.AddSeconds(-1.05), $"The client tried again at {run.Server.Requests[1].At:O}, before {date:R}.");
    }

    private static async Task ShortRetryAfterAsync(Run run)
    {
        run.Server.Next(Answers.Problem(503, "overloaded").With("Retry-After", "0"));
        await RetryAsync(run, backoffBaseMs: 2000);
        Expect.Wait(run.Server.Requests[0], run.Server.Requests[1], TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
    }

    private static async Task BrokenRetryAfterAsync(Run run)
    {
        run.Server.Next(Answers.Problem(503, "overloaded").With("Retry-After", "soon"));
        await RetryAsync(run, backoffBaseMs: 1000);
        Expect.Wait(run.Server.Requests[0], run.Server.Requests[1], TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1));
    }

    private static async Task RetryAsync(Run run, int backoffBaseMs)
    {
        var client = await run.NewAsync(new { flushAt = 1, backoffBaseMs });
        await client.TrackAsync(Sample.Event);
        await run.RequestsAsync(2);
        await client.SoonAsync(stats => stats.Accepted == 1, "the event counts as accepted");
    }

    /// <summary>Neither more events nor flush shorten the pause.</summary>
    private static async Task PauseAsync(Run run, string code)
    {
        run.Server.Next(Answers.Problem(429, code).With("Retry-After", "3"));
        var client = await run.NewAsync(new { flushAt = 5, backoffBaseMs = 50 });
        await client.TrackAsync(Sample.Event, repeat: 5);
        await run.RequestsAsync(1);
        await client.TrackAsync(Sample.Event, repeat: 20);
        var outcome = await client.FlushAsync(TimeSpan.FromMilliseconds(400));
        await client.FlushAsync();

        Expect.Wait(run.Server.Requests[0], run.Server.Requests[1], TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3));
        Expect.Equal(25, outcome.Remaining, "remaining after a flush during the pause");
    }

    private static async Task ExhaustedAsync(Run run)
    {
        run.Server.Next(request => Answers.Accept(request).With("RateLimit", "\"minute\";r=0;t=2, \"month\";r=499000;t=551957"));
        var client = await run.NewAsync(new { flushAt = 1 });
        await client.TrackAsync(Sample.Event);
        await run.RequestsAsync(1);
        await client.TrackAsync(Sample.Event);
        await client.FlushAsync();

        Expect.Wait(run.Server.Requests[0], run.Server.Requests[1], TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));
    }
}
