// Measures Track in the caller's thread beside a bare serialisation of the same event, and how fast a backlog drains into a local server
// that reads the body and counts its events. dotnet run -c Release --project sdks/dotnet/bench

using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Text.Json;
using SegOps.Client;

const int Calls = 100_000;
const int Warmup = 50_000;

var answers = Task.CompletedTask;
var app = WebApplication.CreateSlimBuilder().UseLoopback().Build();
app.MapPost("/api/ingestion/track/batch/", async (HttpContext context) =>
{
    await using var body = new GZipStream(context.Request.Body, CompressionMode.Decompress);
    using var document = await JsonDocument.ParseAsync(body);
    await answers;
    context.Response.StatusCode = 202;
    await context.Response.WriteAsync($$"""{"accepted":{{document.RootElement.GetProperty("events").GetArrayLength()}},"rejected":0}""");
});
await app.StartAsync();

var options = new SegOpsOptions
{
    ApiUrl = new Uri(app.Urls.Single()),
    ApiKey = "sk_test_key",
    MaxQueueEvents = 1_000_000,
    MaxQueueBytes = 1 << 30,
    FlushAt = 1_000_000,
    FlushInterval = TimeSpan.FromHours(1),
};
var payload = new { order_id = "ord-456", total = 89.95, currency = "USD" };
var dictionary = new Dictionary<string, object?> { ["order_id"] = "ord-456", ["total"] = 89.95, ["currency"] = "USD" };

Console.WriteLine($"{"",-34}{"p50",10}{"p99",10}");
Print("bare JSON serialisation", Measure(() => JsonSerializer.SerializeToUtf8Bytes(
    new { event_id = Guid.NewGuid(), user_id = "user-123", event_type = "order_placed", occurred_at = DateTimeOffset.UtcNow, payload })));
await using (var client = new SegOpsClient(options))
{
    Print("Track, anonymous object", Measure(() => client.Track("user-123", "order_placed", payload)));
    await client.ShutdownAsync(TimeSpan.FromMinutes(2));
}

await using (var client = new SegOpsClient(options))
{
    Print("Track, dictionary", Measure(() => client.Track("user-123", "order_placed", dictionary)));
    await client.ShutdownAsync(TimeSpan.FromMinutes(2));
}

await using (var client = new SegOpsClient(options))
{
    var open = new TaskCompletionSource();
    answers = open.Task;
    var before = GC.GetTotalMemory(forceFullCollection: true);
    for (var i = 0; i < Calls; i++)
    {
        client.Track("user-123", "order_placed", dictionary);
    }

    var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
    var start = Stopwatch.GetTimestamp();
    open.SetResult();
    var result = await client.FlushAsync(TimeSpan.FromMinutes(2));
    var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
    Console.WriteLine($"drain of {result.Accepted:N0} events: {seconds:0.00} s, {result.Accepted / seconds:N0} events/s, {bytes / Calls} bytes of memory an event");
}

await app.StopAsync();

static long[] Measure(Action call)
{
    for (var i = 0; i < Warmup; i++)
    {
        call();
    }

    var ticks = new long[Calls];
    for (var i = 0; i < Calls; i++)
    {
        var start = Stopwatch.GetTimestamp();
        call();
        ticks[i] = Stopwatch.GetTimestamp() - start;
    }

    Array.Sort(ticks);
    return ticks;
}

static void Print(string what, long[] ticks) =>
    Console.WriteLine($"{what,-34}{Microseconds(ticks[Calls / 2]),7:0.00} us{Microseconds(ticks[Calls * 99 / 100]),7:0.00} us");

static double Microseconds(long ticks) => ticks * 1_000_000.0 / Stopwatch.Frequency;

internal static class Loopback
{
    public static WebApplicationBuilder UseLoopback(this WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        return builder;
    }
}
