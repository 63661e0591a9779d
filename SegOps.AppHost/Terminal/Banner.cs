using Microsoft.Extensions.Configuration;
using SegOps.AppHost.Data;
using SegOps.AppHost.Resources.Redis;

namespace SegOps.AppHost.Terminal;

/// <summary>The console output after the start: addresses, demo keys and example commands.</summary>
internal sealed class Banner(DistributedApplicationModel model, IConfiguration configuration, DataFolder data, Screen screen)
{
    /// <summary>The dashboard's URL with the sign-in token.</summary>
    public string DashboardLogin
    {
        get
        {
            var url = (configuration["ASPNETCORE_URLS"] ?? "").Split(';')[0].TrimEnd('/');
            return configuration["AppHost:BrowserToken"] is { Length: > 0 } token ? $"{url}/login?t={token}" : url;
        }
    }

    /// <summary>Writes the banner.</summary>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        var gateway = model.Resources.OfType<IResourceWithEndpoints>().Single(resource => resource.Name == "gateway");
        var url = (await gateway.GetEndpoint("http").GetValueAsync(cancellationToken) ?? "").TrimEnd('/');
        var redis = await model.Resources.OfType<IResourceWithConnectionString>().Single(resource => resource.Name == "redis").GetConnectionStringAsync(cancellationToken);
        var admin = await model.Resources.OfType<ParameterResource>().Single(parameter => parameter.Name == "admin-token").GetValueAsync(cancellationToken);
        foreach (var line in Lines(url, DemoKeys.IsLocal(redis ?? ""), admin))
            screen.Write(line);
    }

    private IEnumerable<string> Lines(string url, bool demoKeys, string? admin)
    {
        var key = demoKeys ? DemoKeys.Free.Key : "sk_live_...";
        yield return "";
        yield return Title("SegOps is running");
        yield return "";
        yield return $"  {"Gateway",-12}{screen.Cyan(url)}";
        yield return $"  {"Dashboard",-12}{screen.Cyan(DashboardLogin)}";
        yield return $"  {"Monitoring",-12}{screen.Cyan(url + "/")}   {screen.Dim("(sign in with an API key)")}";
        yield return $"  {"Segments",-12}{screen.Cyan(url + "/segments")}";
        yield return $"  {"Reference",-12}{screen.Cyan(url + "/docs")}";
        yield return $"  {"Data",-12}{data.FullPath}   {screen.Dim("(kept; --fresh deletes it)")}";
        yield return "";
        yield return Title("Demo keys");
        if (!demoKeys)
            yield return "  None: demo keys are public, and your Redis is not on this machine. Use one of your own keys.";
        foreach (var demo in demoKeys ? DemoKeys.All : [])
            yield return $"  {demo.Label,-12}{demo.Key}";
        yield return $"  {"admin token",-12}{admin}   {screen.Dim("(see requests/admin.http)")}";
        yield return "";
        yield return Title("Send two events");
        foreach (var line in Curl(url, key))
            yield return "  " + line;
        yield return "";
        yield return Title("Read them back") + screen.Dim("   (after about a second)");
        yield return $"  curl -H \"Authorization: ApiKey {key}\" \"{url}/api/monitoring/events?user_id=user-123\"";
        yield return "";
        if (model.Resources.Any(resource => resource.Name == "pubsub" && resource is ExecutableResource or ContainerResource))
            yield return "  " + screen.Dim("The Pub/Sub emulator keeps messages in memory. Events that are not stored yet are lost when it ends.");
        yield return "  " + screen.Dim("Ctrl+C stops everything.");
        yield return "";
    }

    private string Title(string text) => "  " + screen.Bold(text);

    /// <summary>The example of the README.</summary>
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
