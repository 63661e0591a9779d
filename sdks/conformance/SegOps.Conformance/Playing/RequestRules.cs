using System.Text.RegularExpressions;
using SegOps.Conformance.Sdks;
using SegOps.Conformance.Server;

namespace SegOps.Conformance.Playing;

/// <summary>What holds for every request: rules 1, 2, 8 and 9, and the schema of openapi.json.</summary>
internal static partial class RequestRules
{
    public const string Path = "/api/ingestion/track/batch/";

    /// <summary>Rule 8, in bytes before compression, for an SDK of servers. Mobile ones have a smaller limit.</summary>
    private const int LargestBody = 2 * 1024 * 1024;

    private const int SmallestCompressed = 1024;

    /// <summary>A machine that is busy may send a request long after it was built.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(30);

    public static IEnumerable<string> Faults(Received request, Client? client)
    {
        if (request.Head.Method != "POST" || request.Head.Target.TrimEnd('/') != Path.TrimEnd('/'))
            yield return $"{request.Head.Method} {request.Head.Target} is not POST {Path}.";
        if (client is null)
            yield return "Authorization is not 'ApiKey' and the key.";
        if (request.Head["Content-Type"] is not { } type || !type.StartsWith("application/json", StringComparison.OrdinalIgnoreCase))
            yield return $"Content-Type is {request.Head["Content-Type"]}.";
        if (!UserAgent().IsMatch(request.Head["User-Agent"] ?? ""))
            yield return $"User-Agent '{request.Head["User-Agent"]}' is not 'segops-<lang>/<version> (<runtime>; <os>)'.";
        if (request.Fault is not null)
        {
            yield return request.Fault;
            yield break;
        }

        var isCompressed = request.Head["Content-Encoding"] is not null;
        if (isCompressed != request.Body.Length >= SmallestCompressed && !IsPlain(client))
            yield return $"A body of {request.Body.Length} bytes was {(isCompressed ? "compressed" : "not compressed")}.";
        var largest = client?.Options["maxBatchBytes"]?.GetValue<int>() ?? LargestBody;
        if (request.Body.Length > largest && request.Events.Count > 1)
            yield return $"A body of {request.Body.Length} bytes exceeds {largest}.";
        foreach (var fault in RequestSchema.Faults(request))
            yield return fault;
        foreach (var fault in Times(request))
            yield return fault;
        if (request.Ids.Distinct().Count() != request.Events.Count && client is not { RepeatsIds: true })
            yield return "An event is twice in one request.";
        foreach (var each in request.Events.Where(each => !Guid.TryParseExact(each.Id, "D", out _)))
            yield return $"'{each.Id}' is not an event_id.";
    }

    private static bool IsPlain(Client? client) => client is null || client.IsPlain || client.Options["gzip"]?.GetValue<bool>() == false;

    /// <summary>Rule 2: each event has occurred_at in UTC and milliseconds, and each attempt a sent_at of its own.</summary>
    private static IEnumerable<string> Times(Received request)
    {
        if (request.Batch.Text("sent_at") is not { } sentAt || !Milliseconds().IsMatch(sentAt))
            yield return $"sent_at '{request.Batch.Text("sent_at")}' is not a time in UTC and milliseconds.";
        else if ((request.At - DateTimeOffset.Parse(sentAt, System.Globalization.CultureInfo.InvariantCulture)).Duration() > ClockTolerance)
            yield return $"sent_at is {sentAt}, but the request came at {request.At:O}.";
        foreach (var each in request.Events)
        {
            if (each.Json.Text("occurred_at") is not { } occurredAt || !Milliseconds().IsMatch(occurredAt))
                yield return $"occurred_at '{each.Json.Text("occurred_at")}' is not a time in UTC and milliseconds.";
        }
    }

    [GeneratedRegex(@"^segops-(typescript|go|swift|kotlin|dotnet)/\d+\.\d+\.\d+\S* \([^;]+; .+\)$")]
    private static partial Regex UserAgent();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")]
    private static partial Regex Milliseconds();
}
