// Drives the SDK for the conformance runner: commands as JSON lines on stdin, replies and events on stdout.

using System.Text.Json;
using System.Text.Json.Nodes;
using SegOps.Client.Driver;

var clients = new Dictionary<string, DrivenClient>();
while (Console.ReadLine() is { } line)
{
    var command = JsonNode.Parse(line)!.AsObject();
    var name = (string?)command["client"] ?? "default";
    try
    {
        switch ((string)command["op"]!)
        {
            case "new":
                clients[name] = new DrivenClient(name, command["options"]!.AsObject());
                Output.Reply(command, new JsonObject
                {
                    ["ok"] = true,
                    ["sdk"] = "dotnet/" + DrivenClient.Version,
                    ["caps"] = new JsonArray("gzip", "threads"),
                });
                break;
            case "ping":
                Output.Reply(command, new JsonObject { ["ok"] = true });
                break;
            case "track" when (int?)command["threads"] > 1:
            case "flush" or "shutdown":
                ServeLater(clients[name], command);
                break;
            default:
                Output.Reply(command, await clients[name].ServeAsync(command));
                break;
        }
    }
    catch (Exception e) when (e is not (OutOfMemoryException or JsonException))
    {
        Output.Fail(command, e);
    }
}

// Commands that take their time do not keep the others waiting.
static void ServeLater(DrivenClient client, JsonObject command) => _ = Task.Run(async () =>
{
    try
    {
        Output.Reply(command, await client.ServeAsync(command));
    }
    catch (Exception e) when (e is not OutOfMemoryException)
    {
        Output.Fail(command, e);
    }
});
