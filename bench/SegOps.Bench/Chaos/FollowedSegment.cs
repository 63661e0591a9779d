using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using SegOps.Bench.Reporting;

namespace SegOps.Bench.Chaos;

/// <summary>
/// A segment whose users enter and leave during the faults, by events and by time. A client follows its changes. In the end all changes must lead to the
/// members, and the members must be the users whom the rule matches.
/// </summary>
internal sealed class FollowedSegment : IDisposable
{
    /// <summary>Matches half of the values that the identifies of <see cref="TrackRequest"/> give the trait.</summary>
    private const string SmallN = """{"type":"user_property","property":"n","operator":"less_than","value":1073741824}""";
    private const string PageViewed = """{"type":"event","event_type":"page_viewed","within":"PT1M"}""";

    /// <summary>Time after the last event from which on no user enters or leaves: the window of the rules.</summary>
    internal static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>Longer than the gateway waits, so that a late answer is the gateway's error.</summary>
    private static readonly TimeSpan CallTimeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FollowInterval = TimeSpan.FromSeconds(2);

    private readonly HttpClient _http;
    private readonly string _name;
    private readonly string _rule;
    private readonly List<Change> _followed = [];
    private string _path = "";
    private string _first = "";
    private string _next = "";

    private FollowedSegment(Uri gateway, SentEvents sent, string name, string rule)
    {
        (_name, _rule) = ($"{sent.Key.ProjectId} {sent.Environment}: {name}", rule);
        _http = new HttpClient { BaseAddress = gateway, Timeout = CallTimeout };
        _http.DefaultRequestHeaders.Add("Authorization", "ApiKey " + sent.Key.Key);
    }

    /// <summary>What <see cref="IsComputedAsync"/> has read last, for people.</summary>
    internal string State { get => $"{_name}: {field}"; private set; } = "";

    private string Reference => $$"""{"type":"segment","segment_id":"{{_path.Split('/')[^1]}}"}""";

    /// <summary>Creates the segments of a project. They must be computed before an event is stored, because the first members are not among the changes.</summary>
    internal static async Task<IReadOnlyList<FollowedSegment>> CreateAsync(Uri gateway, SentEvents sent, CancellationToken cancellationToken)
    {
        var small = await CreateAsync("n is small", SmallN);
        var viewed = await CreateAsync("viewed a page", PageViewed);
        return [small, viewed, await CreateAsync("n is small, no page", $$"""{"all":[{{small.Reference}},{"not":{{viewed.Reference}}}]}""")];

        async Task<FollowedSegment> CreateAsync(string name, string rule)
        {
            var segment = new FollowedSegment(gateway, sent, name, rule);
            var created = await segment.PostAsync("/api/segments", $$"""{"name":"{{name}}","rule":{{rule}}}""", cancellationToken);
            segment._path = $"/api/segments/{created.GetProperty("id").GetGuid()}";
            var now = await segment.GetAsync(segment._path + "/changes", cancellationToken);
            segment._first = segment._next = now.GetProperty("next_cursor").GetString()!;
            return segment;
        }
    }

    /// <summary>Whether the members are known, and what was stored until <paramref name="time"/> is in them.</summary>
    internal async Task<bool> IsComputedAsync(DateTimeOffset time, CancellationToken cancellationToken)
    {
        var segment = await GetAsync(_path, cancellationToken);
        State = string.Join(", ", segment.EnumerateObject().Where(member => member.Name is "state" or "failure" or "count" or "computed_at").Select(member => $"{member.Name} {member.Value}"));
        return segment.TryGetProperty("computed_at", out var at) && at.ValueKind == JsonValueKind.String && at.GetDateTimeOffset() >= time;
    }

    /// <summary>Reads the changes until <paramref name="stop"/>. A call that fails is repeated with its cursor.</summary>
    internal async Task FollowAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                _next = await ReadAsync(_next, _followed, stop);
            }
            catch (Exception lost) when (lost is HttpRequestException or IOException or OperationCanceledException)
            {
                // A part is down.
            }
            await Task.Delay(FollowInterval, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Compares when no user enters or leaves any more.</summary>
    internal async Task<SegmentComparison> CompareAsync(CancellationToken cancellationToken)
    {
        List<Change> changes = [];
        await ReadToEndAsync(_first, changes, cancellationToken);
        _next = await ReadToEndAsync(_next, _followed, cancellationToken);
        HashSet<string> replayed = [];
        var inTurn = changes.Count(change => change.Entered ? replayed.Add(change.UserId) : replayed.Remove(change.UserId));
        var members = await MembersAsync(cancellationToken);
        var counted = (await GetAsync(_path, cancellationToken)).GetProperty("count").GetInt64();
        var matched = (await PostAsync("/api/segments/preview", $$"""{"rule":{{_rule}}}""", cancellationToken)).GetProperty("count").GetInt64();
        return new SegmentComparison(_name, changes.Count, changes.Count(change => change.Reason == "time"),
        [
            new ExactCount("in turn", changes.Count, inTurn),
            new ExactCount("as followed", Math.Max(changes.Count, _followed.Count), changes.Zip(_followed).Count(pair => pair.First == pair.Second)),
            new ExactCount("members by the changes", members.Union(replayed).Count(), replayed.Intersect(members).Count()),
            new ExactCount("by the count", members.Count, counted),
            new ExactCount("by the preview", members.Count, matched),
        ]);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<string> ReadToEndAsync(string cursor, List<Change> changes, CancellationToken cancellationToken)
    {
        for (var before = -1; before < changes.Count;)
        {
            before = changes.Count;
            cursor = await ReadAsync(cursor, changes, cancellationToken);
        }
        return cursor;
    }

    /// <returns>The cursor of the next page.</returns>
    private async Task<string> ReadAsync(string cursor, List<Change> changes, CancellationToken cancellationToken)
    {
        var page = await GetAsync($"{_path}/changes?limit=1000&cursor={cursor}", cancellationToken);
        changes.AddRange([.. page.GetProperty("changes").EnumerateArray().Select(change => new Change(
            change.GetProperty("user_id").GetString()!, change.GetProperty("change").GetString() == "entered", change.GetProperty("at").GetDateTimeOffset(),
            change.GetProperty("reason").GetString()!))]);
        return page.GetProperty("next_cursor").GetString()!;
    }

    private async Task<IReadOnlyList<string>> MembersAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _path + "/members") { Headers = { { "Accept", "application/x-ndjson" } } };
        using var response = await _http.SendAsync(request, cancellationToken);
        var lines = await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken);
        return [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line).GetProperty("user_id").GetString()!)];
    }

    private Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) => _http.GetFromJsonAsync<JsonElement>(path, cancellationToken);

    private async Task<JsonElement> PostAsync(string path, string body, CancellationToken cancellationToken)
    {
        using var content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var response = await _http.PostAsync(path, content, cancellationToken);
        return await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
    }

    private sealed record Change(string UserId, bool Entered, DateTimeOffset At, string Reason);
}
