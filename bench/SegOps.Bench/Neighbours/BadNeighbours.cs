using System.Diagnostics;
using System.Globalization;
using System.Text;
using SegOps.AppHost.Resources.Redis;
using SegOps.Bench.Load;
using SegOps.Bench.Pipeline;
using SegOps.Bench.Storage;

namespace SegOps.Bench.Neighbours;

/// <summary>A project that could slow down others.</summary>
/// <param name="Name">Its name in tables.</param>
/// <param name="SendAsync">Sends for a time. Returns the requests and how many of them were refused.</param>
internal sealed record Neighbour(string Name, Func<TimeSpan, CancellationToken, Task<(long Requests, long Refused)>> SendAsync)
{
    /// <summary>What has to be measured or created before.</summary>
    internal Func<TimeSpan, CancellationToken, Task> PrepareAsync { get; init; } = static (_, _) => Task.CompletedTask;
}

/// <summary>The neighbours.</summary>
internal static class BadNeighbours
{
    private const int BatchEvents = 500;

    /// <summary>Batches a second of a flood: 10,000 events a second.</summary>
    private const int FloodPerSecond = 20;

    private const int Connections = 16;
    private const int LiveStreams = 200;
    private const string BatchPath = "/api/ingestion/track/batch/";
    private static readonly TimeSpan Estimate = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(3);
    private static readonly LoadKind Batches = new(BatchEvents);

    /// <summary>All neighbours, from the lightest.</summary>
    internal static IEnumerable<Neighbour> All(Uri gateway, LoadGenerator generator, BenchWarehouse warehouse)
    {
        yield return new("back-dated batches", (length, stop) => FloodAsync(gateway, DemoKeys.Test, perSecond: 1, BackDated, length, stop));
        yield return new("invalid events", (length, stop) => FloodAsync(gateway, DemoKeys.Enterprise, FloodPerSecond, Invalid, length, stop));
        yield return new("endless event types", (length, stop) => FloodAsync(gateway, DemoKeys.Enterprise, FloodPerSecond, EndlessTypes, length, stop));
        yield return new("live streams", (length, stop) => WatchAsync(gateway, length, stop));

        double? maximum = null;
        yield return new("half of the maximum", async (length, stop) =>
        {
            var run = await generator.RunAsync(Batches, maximum / 2, length, stop);
            return (run.Requests, run.Refused);
        })
        {
            PrepareAsync = async (length, stop) => maximum = await MaximumAsync(generator, warehouse, length < Estimate ? length : Estimate, stop),
        };
    }

    /// <summary>Events a second that the system stores when it gets all that it accepts: counted until the last one is stored, and all are merged.</summary>
    private static async Task<double> MaximumAsync(LoadGenerator generator, BenchWarehouse warehouse, TimeSpan length, CancellationToken stop)
    {
        var before = await warehouse.RowsAsync(project: null, stop);
        var began = Stopwatch.GetTimestamp();
        var run = await generator.RunAsync(Batches, eventsPerSecond: null, length, stop);
        await warehouse.WaitForRowsAsync(before + run.Accepted, WaitTimeout, stop);
        var took = Stopwatch.GetElapsedTime(began);
        await warehouse.WaitForMergesAsync(WaitTimeout, stop);
        return run.Accepted / took.TotalSeconds;
    }

    /// <summary>Sends different batches at a steady rate, whether they are answered or not.</summary>
    private static async Task<(long Requests, long Refused)> FloodAsync(
        Uri gateway, DemoKey key, int perSecond, Func<int, string> batch, TimeSpan length, CancellationToken stop)
    {
        var count = Math.Max(1, (int)(perSecond * length.TotalSeconds));
        var requests = Enumerable.Range(0, count)
            .Select(number => (ReadOnlyMemory<byte>)HttpConnection.Request(gateway, BatchPath, key.Key, Encoding.UTF8.GetBytes(batch(number))));
        var result = await new OpenLoop(gateway, [.. requests], Connections).RunAsync(perSecond, length, stop);
        var sent = result.Statuses.Values.Sum();
        return (sent, sent - result.Succeeded);
    }

    /// <summary>Opens live streams of a project that sends events meanwhile.</summary>
    private static async Task<(long Requests, long Refused)> WatchAsync(Uri gateway, TimeSpan length, CancellationToken stop)
    {
        using var http = new HttpClient { BaseAddress = gateway };
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        over.CancelAfter(length);
        var refused = 0L;
        var watching = Task.WhenAll(Enumerable.Range(0, LiveStreams).Select(_ => OpenAsync()));
        var sent = await FloodAsync(gateway, DemoKeys.Enterprise, FloodPerSecond, Valid, length, stop);
        await watching;
        return (sent.Requests + LiveStreams, sent.Refused + refused);

        async Task OpenAsync()
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/api/monitoring/live", UriKind.Relative));
                request.Headers.TryAddWithoutValidation("Authorization", "ApiKey " + DemoKeys.Enterprise.Key);
                using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, over.Token);
                if (!answer.IsSuccessStatusCode)
                {
                    Interlocked.Increment(ref refused);
                    return;
                }
                await using var events = await answer.Content.ReadAsStreamAsync(over.Token);
                await events.CopyToAsync(Stream.Null, over.Token);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                // The time is over.
            }
        }
    }

    /// <summary>Each event in another month since 2000.</summary>
    private static string BackDated(int number)
    {
        var now = DateTime.UtcNow;
        var months = ((now.Year - 2000) * 12) + now.Month;
        return Batch(number, n => $",\"occurred_at\":\"{2000 + (n % months / 12)}-{(n % months % 12) + 1:00}-01T00:00:00Z\"");
    }

    /// <summary>Three errors in each event.</summary>
    private static string Invalid(int number) => Of(number, static n => $$"""{"event_type":"","user_id":"","occurred_at":"yesterday","payload":{"n":{{n}} } }""");

    private static string EndlessTypes(int number) => Of(number, static n => $$"""{"event_type":"type_{{n}}_{{Guid.NewGuid():N}}","user_id":"u"}""");

    private static string Valid(int number) => Batch(number, static _ => "");

    private static string Batch(int number, Func<int, string> more) =>
        Of(number, n => $$$"""{"payload":{"path":"/pricing"},"event_type":"page_viewed","user_id":"user-{{{n % 1000}}}"{{{more(n)}}} }""");

    private static string Of(int number, Func<int, string> one) => string.Create(CultureInfo.InvariantCulture,
        $$"""{"events":[{{string.Join(',', Enumerable.Range(number * BatchEvents, BatchEvents).Select(one))}}]}""");
}
