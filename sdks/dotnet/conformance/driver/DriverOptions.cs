using System.Text.Json;
using System.Text.Json.Nodes;

namespace SegOps.Client.Driver;

/// <summary>The protocol's options in the SDK's terms. What is missing keeps the SDK's default.</summary>
internal static class DriverOptions
{
    public static SegOpsOptions Read(JsonObject json)
    {
        var options = new SegOpsOptions { ApiUrl = new Uri((string)json["apiUrl"]!), ApiKey = (string?)json["apiKey"] ?? "" };
        foreach (var (name, value) in json.Where(option => option.Value is not null))
        {
            Set(options, name, value!);
        }

        return options;
    }

    private static void Set(SegOpsOptions options, string name, JsonNode value)
    {
        switch (name)
        {
            case "flushAt": options.FlushAt = (int)value; break;
            case "flushIntervalMs": options.FlushInterval = Milliseconds(value); break;
            case "maxBatchBytes": options.MaxBatchBytes = (int)value; break;
            case "maxQueueEvents": options.MaxQueueEvents = (int)value; break;
            case "maxQueueBytes": options.MaxQueueBytes = (long)value; break;
            case "requestTimeoutMs": options.RequestTimeout = Milliseconds(value); break;
            case "backoffBaseMs": options.BackoffBase = Milliseconds(value); break;
            case "backoffMaxMs": options.BackoffMax = Milliseconds(value); break;
            case "maxEventAgeMs": options.MaxEventAge = Milliseconds(value); break;
            case "shutdownTimeoutMs": options.ShutdownTimeout = Milliseconds(value); break;
            case "gzip": options.Gzip = (bool)value; break;
            case "enabled": options.Enabled = (bool)value; break;
            case "allowInsecure": options.AllowInsecure = (bool)value; break;
            case "byteLimitMs": options.ByteLimitDuration = Milliseconds(value); break;
            case "probeIntervalMs": options.QuotaProbeInterval = options.ConfigurationProbeInterval = Milliseconds(value); break;
            default: break;
        }
    }

    public static TimeSpan Milliseconds(JsonNode value) => TimeSpan.FromMilliseconds(value.GetValue<JsonElement>().GetDouble());
}
