using System.Text.Json;

namespace SegOps.Client.Sending;

/// <summary>Reads answers. Believes nothing but a complete 202: proxies and captive portals answer as well.</summary>
internal static class AnswerReader
{
    public static Answer Read(int status, byte[] body, int events, bool compressed, TimeSpan retryAfter, TimeSpan rateLimit)
    {
        var problem = Parse(body);
        var code = problem is { } object1 ? Text(object1, "code") : null;
        return Judge(status, code, problem, events, compressed) with
        {
            Status = status,
            Code = code,
            Pause = status == 202 ? rateLimit : retryAfter,
        };
    }

    private static Answer Judge(int status, string? code, JsonElement? body, int events, bool compressed) => (status, code) switch
    {
        (202, _) => Accepted(body, events),
        _ when status < 300 => new Answer(Verdict.Transient) { Failure = $"unexpected status {status}" },
        _ when status is < 400 or 401 or 403 or 404 or 405 => new Answer(Verdict.Configuration),
        (400, "validation_failed") => Invalid(body, events),
        (400, "bad_request") => new Answer(Verdict.BadRequest),
        (415, _) when compressed => new Answer(Verdict.PlainOnly),
        (429, "quota_exceeded") => new Answer(Verdict.Quota) { Remaining = (int)Math.Min(int.MaxValue, Number(body, "remaining") ?? 0) },
        (408 or 429 or >= 500, _) => new Answer(Verdict.Transient),
        _ => new Answer(Verdict.Split),
    };

    private static Answer Accepted(JsonElement? body, int events)
    {
        var rejected = Rejected(body, events);
        var counted = Number(body, "accepted") + Number(body, "rejected") == events && Number(body, "rejected") == rejected.Count;
        return counted
            ? new Answer(Verdict.Decided) { RestAccepted = true, Findings = rejected, Warnings = Findings(body, "warnings") }
            : new Answer(Verdict.Transient) { Failure = "a 202 that does not account for the batch" };
    }

    private static Answer Invalid(JsonElement? body, int events)
    {
        var rejected = Rejected(body, events);
        return rejected.Count > 0 ? new Answer(Verdict.Decided) { Findings = rejected } : new Answer(Verdict.Split);
    }

    /// <summary>The first error of each event: an event can have several.</summary>
    private static List<Finding> Rejected(JsonElement? body, int events)
    {
        var seen = new HashSet<int>();
        return Findings(body, "errors").FindAll(finding => finding.Index >= 0 && finding.Index < events && seen.Add(finding.Index));
    }

    private static List<Finding> Findings(JsonElement? body, string list)
    {
        var findings = new List<Finding>();
        if (body is { } answer && answer.TryGetProperty(list, out var entries) && entries.ValueKind == JsonValueKind.Array)
        {
            foreach (var entry in entries.EnumerateArray().Where(entry => entry.ValueKind == JsonValueKind.Object))
            {
                var index = (int)Math.Max(-1, Math.Min(int.MaxValue, Number(entry, "index") ?? -1));
                findings.Add(new Finding(index, Text(entry, "field"), Text(entry, "code"), Text(entry, "message")));
            }
        }

        return findings;
    }

    /// <summary>The answer's JSON object. Null if it is none.</summary>
    private static JsonElement? Parse(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement? item, string name) =>
        item is { } present && present.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            ? number
            : null;
}
