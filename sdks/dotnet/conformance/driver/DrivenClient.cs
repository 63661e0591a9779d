using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;

namespace SegOps.Client.Driver;

/// <summary>One client of the SDK, its callbacks written to stdout.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The process must end by itself without a shutdown.")]
internal sealed class DrivenClient : ILogger<SegOpsClient>
{
    private readonly string _name;
    private readonly SegOpsClient _client;
    private readonly ConcurrentDictionary<string, bool> _throwing = new();

    public DrivenClient(string name, JsonObject json)
    {
        _name = name;
        var options = DriverOptions.Read(json);
        options.OnDrop = drop => Tell("drop", new JsonObject
        {
            ["event_id"] = drop.EventId.ToString(),
            ["event_type"] = drop.EventType,
            ["reason"] = Snake(drop.Reason),
            ["status"] = drop.Status,
            ["code"] = drop.Code,
            ["field"] = drop.Field,
            ["message"] = drop.Message,
        });
        options.OnError = error => Tell("error", new JsonObject
        {
            ["kind"] = Snake(error.Kind),
            ["status"] = error.Status,
            ["code"] = error.Code,
            ["message"] = error.Message,
        });
        options.OnWarning = warning => Tell("warning", new JsonObject
        {
            ["event_id"] = warning.EventId?.ToString(),
            ["field"] = warning.Field,
            ["code"] = warning.Code,
            ["message"] = warning.Message,
        });
        var throws = (int?)json["throwingTransport"] ?? 0;
        var http = throws == 0 ? null : new HttpClient(new ThrowingHandler(throws)) { Timeout = Timeout.InfiniteTimeSpan };
        _client = new SegOpsClient(options, http, this);
    }

    public static string Version { get; } =
        typeof(SegOpsClient).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public async Task<JsonObject> ServeAsync(JsonObject command)
    {
        TimeSpan? timeout = command["timeoutMs"] is { } time ? DriverOptions.Milliseconds(time) : null;
        var start = Stopwatch.GetTimestamp();
        switch ((string)command["op"]!)
        {
            case "track":
                return Track(command["event"]!.AsObject(), (int?)command["repeat"] ?? 1, (int?)command["threads"] ?? 1);
            case "identify":
                return Ids(_client.Identify(((string?)command["userId"])!, command["traits"]?.DeepClone()!));
            case "mutate":
                return Mutate(command["event"]!.AsObject(), command["mutation"]!.AsObject());
            case "flush":
                return Result(await _client.FlushAsync(timeout), start);
            case "shutdown":
                return Result(await _client.ShutdownAsync(timeout), start);
            case "stats":
                return Stats(_client.GetStats());
            case "throw_in_callback":
                command["on"]!.AsArray().ToList().ForEach(on => _throwing[(string)on!] = true);
                return new JsonObject { ["ok"] = true };
            default:
                throw new ArgumentException("Unknown op.");
        }
    }

    private JsonObject Track(JsonObject item, int repeat, int threads)
    {
        var longest = 0L;
        var ids = new string[repeat];
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, thread =>
        {
            for (var n = thread; n < repeat; n += threads)
            {
                var payload = item["payload"]?.DeepClone();
                if (repeat > 1)
                {
                    payload ??= new JsonObject();
                    payload["n"] = n;
                }

                ids[n] = Track(item, payload, out var ticks).ToString();
                InterlockedMax(ref longest, ticks);
            }
        });
        return new JsonObject
        {
            ["ids"] = new JsonArray([.. ids.Select(id => (JsonNode?)id)]),
            ["max_call_us"] = longest * 1_000_000 / Stopwatch.Frequency,
        };
    }

    private Guid Track(JsonObject item, JsonNode? payload, out long ticks)
    {
        // Throws where the SDK's types cannot hold the value.
        Guid? id = item["eventId"] is { } text ? Guid.ParseExact((string)text!, "D") : null;
        DateTimeOffset? time = item["occurredAt"] is { } at
            ? DateTimeOffset.Parse((string)at!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)
            : null;
        var userId = (string?)item["userId"];
        var eventType = (string?)item["eventType"];
        var start = Stopwatch.GetTimestamp();
        var made = _client.Track(userId!, eventType!, payload, time, id);
        ticks = Stopwatch.GetTimestamp() - start;
        return made;
    }

    private JsonObject Mutate(JsonObject item, JsonObject mutation)
    {
        var payload = item["payload"]?.DeepClone() as JsonObject ?? [];
        var id = Track(item, payload, out _);
        foreach (var (name, value) in mutation)
        {
            payload[name] = value?.DeepClone();
        }

        return Ids(id);
    }

    private void Tell(string kind, JsonObject members)
    {
        members.Insert(0, "ev", kind);
        members.Insert(1, "client", _name);
        Output.Write(members);
        if (_throwing.ContainsKey(kind))
        {
            throw new InvalidOperationException("A callback of the driver throws.");
        }
    }

    private static JsonObject Result(FlushResult result, long start) => new()
    {
        ["accepted"] = result.Accepted,
        ["rejected"] = result.Rejected,
        ["dropped"] = result.Dropped,
        ["remaining"] = result.Remaining,
        ["elapsed_ms"] = (long)Stopwatch.GetElapsedTime(start).TotalMilliseconds,
    };

    private static JsonObject Stats(SegOpsStats stats) => new()
    {
        ["stats"] = new JsonObject
        {
            ["tracked"] = stats.Tracked,
            ["accepted"] = stats.Accepted,
            ["rejected"] = stats.Rejected,
            ["dropped"] = stats.Dropped,
            ["queued"] = stats.Queued,
            ["in_flight"] = stats.InFlight,
            ["drops"] = new JsonObject(stats.Drops.Select(drop => KeyValuePair.Create(Snake(drop.Key), (JsonNode?)drop.Value))),
        },
    };

    private static JsonObject Ids(Guid id) => new() { ["ids"] = new JsonArray(id.ToString()) };

    private static string Snake(Enum value) =>
        string.Concat(value.ToString().Select((c, i) => (i > 0 && char.IsUpper(c) ? "_" : "") + char.ToLowerInvariant(c)));

    private static void InterlockedMax(ref long target, long value)
    {
        for (var seen = Volatile.Read(ref target); value > seen; seen = Volatile.Read(ref target))
        {
            Interlocked.CompareExchange(ref target, value, seen);
        }
    }

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Tell("log", new JsonObject { ["level"] = logLevel.ToString(), ["message"] = formatter(state, exception) });

    /// <summary>Throws what no HTTP client throws, the first times.</summary>
    private sealed class ThrowingHandler(int times) : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        private int _left = times;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Interlocked.Decrement(ref _left) >= 0 ? throw new InvalidCastException("not expected") : base.SendAsync(request, cancellationToken);
    }
}
