using System.Diagnostics;
using System.Text.Json.Nodes;

namespace SegOps.Conformance.Reference;

/// <summary>The driver of the reference client, by the protocol of README.md.</summary>
internal static class ReferenceDriver
{
    /// <summary>Starts this program as the driver; the names of faults can follow.</summary>
    public const string Argument = "--reference-driver";

    public static async Task<int> RunAsync(IReadOnlyList<string> faults)
    {
        var fault = faults.Aggregate(Fault.None, (all, name) => all | Enum.Parse<Fault>(name));
        if (fault.HasFlag(Fault.StaysAlive))
            new Thread(() => Thread.Sleep(Timeout.Infinite)).Start();
        var (clients, throwing) = (new Dictionary<string, ReferenceClient>(), new HashSet<string>());
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var command = JsonNode.Parse(line)!.AsObject();
            var reply = ReplyAsync(command, clients, throwing, fault);
            if ((string?)command["op"] is not ("flush" or "shutdown"))
                await reply;
        }

        return 0;
    }

    private static async Task ReplyAsync(JsonObject command, Dictionary<string, ReferenceClient> clients, HashSet<string> throwing, Fault fault)
    {
        var reply = new JsonObject();
        try
        {
            reply = await ServeAsync(command, clients, throwing, fault);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or FormatException)
        {
            (reply["ok"], reply["error"]) = (false, exception.Message);
        }

        reply["id"] = command["id"]!.DeepClone();
        Print(reply);
    }

    private static async Task<JsonObject> ServeAsync(
        JsonObject command, Dictionary<string, ReferenceClient> clients, HashSet<string> throwing, Fault fault)
    {
        var name = (string?)command["client"] ?? "default";
        var timeout = TimeSpan.FromMilliseconds((double?)command["timeoutMs"] ?? 10_000);
        switch ((string)command["op"]!)
        {
            case "new":
                clients[name] = new(name, new(command["options"]!.AsObject()), line => PrintEvent(line, throwing), fault);
                return new() { ["ok"] = true, ["sdk"] = "reference/0.1.0", ["caps"] = new JsonArray("gzip", "threads", "persist") };
            case "track":
                return await TrackAsync(clients[name], command);
            case "identify":
                return Ids(clients[name].Track(new()
                {
                    ["userId"] = (string)command["userId"]!,
                    ["eventType"] = fault.HasFlag(Fault.IdentifiesOtherwise) ? "identify" : "context_identified",
                    ["payload"] = command["traits"]!.DeepClone(),
                }));
            case "mutate":
                var payload = command["event"]!["payload"]!.AsObject();
                var id = clients[name].Track(command["event"]!.AsObject());
                foreach (var (member, value) in command["mutation"]!.AsObject())
                    payload[member] = value?.DeepClone();
                return Ids(id);
            case "flush":
                return await clients[name].FlushAsync(timeout);
            case "shutdown":
                return await clients[name].ShutdownAsync(timeout);
            case "stats":
                return new() { ["stats"] = clients[name].Stats() };
            case "throw_in_callback":
                throwing.UnionWith(command["on"]!.AsArray().Select(each => (string)each!));
                return new() { ["ok"] = true };
            default:
                return new() { ["ok"] = true };
        }
    }

    private static async Task<JsonObject> TrackAsync(ReferenceClient client, JsonObject command)
    {
        var (repeat, threads) = ((int?)command["repeat"] ?? 1, (int?)command["threads"] ?? 1);
        var (ids, longest) = (new string?[repeat], new double[threads]);
        await Task.WhenAll(Enumerable.Range(0, threads).Select(thread => Task.Run(() =>
        {
            for (var index = thread; index < repeat; index += threads)
            {
                var sent = command["event"]!.DeepClone().AsObject();
                if (repeat > 1)
                    (sent["payload"] ??= new JsonObject())["n"] = index;
                var began = Stopwatch.GetTimestamp();
                ids[index] = client.Track(sent);
                longest[thread] = Math.Max(longest[thread], Stopwatch.GetElapsedTime(began).TotalMicroseconds);
            }
        })));
        return new() { ["ids"] = new JsonArray([.. ids.Select(id => (JsonNode?)id)]), ["max_call_us"] = longest.Max() };
    }

    private static JsonObject Ids(string? id) => new() { ["ids"] = new JsonArray(id) };

    private static void PrintEvent(JsonObject line, HashSet<string> throwing)
    {
        Print(line);
        if (throwing.Contains((string)line["ev"]!))
            throw new InvalidOperationException("The callback throws.");
    }

    private static void Print(JsonObject line)
    {
        lock (Console.Out)
        {
            Console.Out.WriteLine(line.ToJsonString());
            Console.Out.Flush();
        }
    }
}
