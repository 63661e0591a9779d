using System.Text.Json;
using System.Text.Json.Nodes;

namespace SegOps.Conformance.Sdks;

/// <summary>A client of the SDK in the driver's process.</summary>
internal sealed class Client(Driver driver, string name, string key, JsonObject options)
{
    private int _calls;

    public string Name => name;

    public string Key => key;

    /// <summary>What it was made with.</summary>
    public JsonObject Options => options;

    public Driver Driver => driver;

    /// <summary>Set by a scenario that makes the client send without compression.</summary>
    public bool IsPlain { get; set; }

    /// <summary>Set by a scenario that tracks one event_id twice.</summary>
    public bool RepeatsIds { get; set; }

    /// <summary>The ids that <c>track</c> returned, in the order of the calls, as far as it is known.</summary>
    public List<string> Ids { get; } = [];

    /// <summary>How often <c>track</c> or <c>identify</c> was called.</summary>
    public int Calls => _calls;

    public IReadOnlyList<JsonElement> Drops => Lines("drop");

    public IReadOnlyList<JsonElement> Errors => Lines("error");

    public IReadOnlyList<JsonElement> Warnings => Lines("warning");

    /// <summary>Tracks an event like <c>new { userId, eventType, payload }</c>.</summary>
    public async Task<Tracked> TrackAsync(object sent, int repeat = 1, int threads = 1)
    {
        var reply = await CallAsync("track", ("event", Node(sent)), ("repeat", repeat), ("threads", threads));
        Interlocked.Add(ref _calls, repeat);
        return new(Add(reply), reply.TryGetProperty("max_call_us", out var us) ? TimeSpan.FromMicroseconds(us.GetDouble()) : TimeSpan.Zero);
    }

    public async Task<IReadOnlyList<string?>> IdentifyAsync(string userId, object traits)
    {
        Interlocked.Increment(ref _calls);
        return Add(await CallAsync("identify", ("userId", userId), ("traits", Node(traits))));
    }

    /// <summary>Tracks an event and then changes the members of its payload.</summary>
    public async Task<IReadOnlyList<string?>> MutateAsync(object sent, object mutation)
    {
        Interlocked.Increment(ref _calls);
        return Add(await CallAsync("mutate", ("event", Node(sent)), ("mutation", Node(mutation))));
    }

    public async Task<Outcome> FlushAsync(TimeSpan? timeout = null) => Outcome.Of(await CallAsync("flush", ("timeoutMs", Milliseconds(timeout))));

    public async Task<Outcome> ShutdownAsync(TimeSpan? timeout = null) => Outcome.Of(await CallAsync("shutdown", ("timeoutMs", Milliseconds(timeout))));

    public async Task<Stats> StatsAsync() => Stats.Of((await CallAsync("stats")).GetProperty("stats"));

    /// <summary>As <see cref="StatsAsync"/>, without a line in the transcript.</summary>
    public async Task<Stats> WatchedStatsAsync() =>
        Stats.Of((await driver.CallAsync(new JsonObject { ["op"] = "stats", ["client"] = name }, isQuiet: true)).GetProperty("stats"));

    public Task ThrowInCallbacksAsync() => CallAsync("throw_in_callback", ("on", new JsonArray("drop", "error", "warning", "log")));

    /// <summary>The drops with this reason.</summary>
    public IReadOnlyList<JsonElement> DropsOf(string reason) => [.. Drops.Where(drop => drop.Text("reason") == reason)];

    private static int Milliseconds(TimeSpan? timeout) => (int)(timeout ?? (Patience.Current * 0.7)).TotalMilliseconds;

    private static JsonNode? Node(object value) => value as JsonNode ?? JsonSerializer.SerializeToNode(value);

    private List<string?> Add(JsonElement reply)
    {
        List<string?> ids = [.. reply.GetProperty("ids").EnumerateArray().Select(id => id.GetString())];
        lock (Ids)
            Ids.AddRange(ids.OfType<string>());
        return ids;
    }

    private IReadOnlyList<JsonElement> Lines(string kind) =>
        [.. driver.Events.Where(line => line.Text("ev") == kind && (line.Text("client") ?? "default") == name)];

    private async Task<JsonElement> CallAsync(string op, params (string Name, JsonNode? Value)[] members)
    {
        var command = new JsonObject { ["op"] = op, ["client"] = name };
        foreach (var (member, value) in members)
            command[member] = value;
        var reply = await driver.CallAsync(command);
        return reply.TryGetProperty("ok", out var ok) && !ok.GetBoolean()
            ? throw new InexpressibleException($"{op} failed: {reply.Text("error")}")
            : reply;
    }
}
