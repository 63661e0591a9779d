using SegOps.Standalone.Parts;

namespace SegOps.Standalone.Terminal;

/// <summary>What somebody needs who has just started SegOps: where it is, a key, a command to paste.</summary>
internal static class Banner
{
    /// <summary>Its lines.</summary>
    public static IEnumerable<string> For(LocalSystem system, string dataDirectory, Screen screen)
    {
        var url = system.GatewayUrl.GetLeftPart(UriPartial.Authority);
        var ownKeys = DemoKeys.MayBeWrittenTo(system.RedisConnectionString);
        var key = ownKeys ? DemoKeys.Free.Key : "sk_live_...";
        string Title(string text) => "  " + screen.Bold(text);

        yield return "";
        yield return Title("SegOps is running");
        yield return "";
        yield return $"  {"Gateway",-12}{screen.Cyan(url)}";
        yield return $"  {"Monitoring",-12}{screen.Cyan(url + "/")}   {screen.Dim("(a page; sign in with a key)")}";
        yield return $"  {"Reference",-12}{screen.Cyan(url + "/docs")}";
        yield return $"  {"Data",-12}{dataDirectory}   {screen.Dim("(kept; --fresh starts over)")}";
        yield return $"  {"Logs",-12}{Path.Combine(dataDirectory, "logs")}";
        yield return "";
        yield return Title("Demo keys");
        if (!ownKeys)
            yield return "  None: they are known to everybody, and your Redis is not on this machine. Use a key that it holds.";
        foreach (var demo in ownKeys ? DemoKeys.All : [])
            yield return $"  {demo.Label,-12}{demo.Key}";
        yield return $"  {"admin token",-12}{system.AdminToken}   {screen.Dim("(until it stops; see requests/admin.http)")}";
        yield return "";
        yield return Title("Send two events");
        foreach (var line in Curl(url, key))
            yield return "  " + line;
        yield return "";
        yield return Title("Read them back") + screen.Dim("   (after about a second)");
        yield return $"  curl -H \"Authorization: ApiKey {key}\" \"{url}/api/monitoring/events?user_id=user-123\"";
        yield return "";
        foreach (var line in Notes(system))
            yield return "  " + screen.Dim(line);
        yield return "";
    }

    private static IEnumerable<string> Notes(LocalSystem system)
    {
        if (system.Parts.ContainsKey("pubsub"))
            yield return "The Pub/Sub emulator keeps messages in memory: what is not stored yet when it ends is gone.";
        yield return "Ctrl+C stops everything.";
    }

    /// <summary>The documentation's own example.</summary>
    private static string[] Curl(string url, string key) =>
    [
        $"curl -X POST {url}/api/ingestion/track/batch/ \\",
        $"  -H \"Authorization: ApiKey {key}\" \\",
        "  -H \"Content-Type: application/json\" \\",
        "  -d '{",
        "    \"events\": [",
        "      {",
        "        \"user_id\": \"user-123\",",
        "        \"event_type\": \"order_placed\",",
        "        \"payload\": { \"total\": 89.95, \"currency\": \"USD\" }",
        "      },",
        "      {",
        "        \"user_id\": \"user-456\",",
        "        \"event_type\": \"page_viewed\",",
        "        \"payload\": { \"path\": \"/pricing\" }",
        "      }",
        "    ]",
        "  }'",
    ];
}
