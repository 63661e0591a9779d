using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using SegOps.Conformance.Sdks;
using SegOps.Conformance.Server;

namespace SegOps.Conformance.RealSystem;

/// <summary>The real gateway. The fake server forwards requests to it, so that everything about them is checked as in other scenarios.</summary>
internal sealed class Gateway(Uri url) : IDisposable
{
    /// <summary>Of the README's demo projects, the one without limits.</summary>
    private const string Key = "sk_live_DemoEnterprise0000000000000000004GUpFO";

    /// <summary>Connections and times differ; the rest is what clients read.</summary>
    private static readonly string[] NotCompared = ["Date", "Server", "Transfer-Encoding", "Connection", "Content-Length"];

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = url };

    /// <summary>How the fake's answers differ from the gateway's.</summary>
    public List<string> Differences { get; } = [];

    /// <summary>Sends what the SDK sent, and gives the answer back.</summary>
    public Answer Forward(Received request) => ForwardAsync(request).GetAwaiter().GetResult();

    /// <summary>Where the event is.</summary>
    public async Task<string?> StateAsync(string id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/ingestion/events/" + id);
        request.Headers.TryAddWithoutValidation("Authorization", "ApiKey " + Key);
        using var response = await _http.SendAsync(request);
        return response.IsSuccessStatusCode ? JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsByteArrayAsync()).Text("state") : null;
    }

    public void Dispose() => _http.Dispose();

    private async Task<Answer> ForwardAsync(Received request)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var response = await _http.SendAsync(Copy(request));

            // A gateway that has just started does not reach Ingestion yet.
            if (response.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable && attempt < 60)
            {
                await Task.Delay(500);
                continue;
            }

            var answer = await ReadAsync(request, response);
            if (answer.Status == 202)
                Compare(answer, Answers.Partial(request, [.. request.Ids.Index().Where(each => !answer.Accepted.Contains(each.Item)).Select(each => each.Index)], warned: [0]));
            return answer;
        }
    }

    private static HttpRequestMessage Copy(Received request)
    {
        var copy = new HttpRequestMessage(HttpMethod.Post, request.Head.Target) { Content = new ByteArrayContent(request.Wire) };
        copy.Headers.TryAddWithoutValidation("Authorization", "ApiKey " + Key);
        copy.Headers.TryAddWithoutValidation("User-Agent", request.Head["User-Agent"]);
        copy.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(request.Head["Content-Type"]!);
        if (request.Head["Content-Encoding"] is { } encoding)
            copy.Content.Headers.ContentEncoding.Add(encoding);
        return copy;
    }

    private static async Task<HttpAnswer> ReadAsync(Received request, HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsByteArrayAsync();
        var json = JsonSerializer.Deserialize<JsonElement>(body);
        var rejected = json.TryGetProperty("errors", out var errors) ? errors.EnumerateArray().Select(error => (int)error.Number("index")).ToHashSet() : [];
        return new((int)response.StatusCode, response.ReasonPhrase ?? "")
        {
            ContentType = response.Content.Headers.ContentType?.ToString(),
            Body = body,
            Headers = response.Headers.Where(header => !NotCompared.Contains(header.Key)).ToDictionary(header => header.Key, header => string.Join(", ", header.Value)),
            Accepted = response.StatusCode == HttpStatusCode.Accepted ? [.. request.Ids.Where((_, index) => !rejected.Contains(index))] : [],
        };
    }

    /// <summary>The fake must have the headers and members of the gateway, with values of the same kind.</summary>
    private void Compare(HttpAnswer real, HttpAnswer fake)
    {
        if (real.ContentType != fake.ContentType)
            Differences.Add($"Content-Type: {real.ContentType}, but the fake's is {fake.ContentType}.");
        foreach (var name in real.Headers.Keys.Except(fake.Headers.Keys, StringComparer.OrdinalIgnoreCase))
            Differences.Add($"The fake has no header {name}.");
        foreach (var name in fake.Headers.Keys.Except(real.Headers.Keys, StringComparer.OrdinalIgnoreCase))
            Differences.Add($"The gateway has no header {name}.");
        Compare("", JsonSerializer.Deserialize<JsonElement>(real.Body), JsonSerializer.Deserialize<JsonElement>(fake.Body));
    }

    private void Compare(string path, JsonElement real, JsonElement fake)
    {
        if (real.ValueKind != fake.ValueKind)
        {
            Differences.Add(string.Create(CultureInfo.InvariantCulture, $"{path}: {real.ValueKind}, but the fake's is {fake.ValueKind}."));
        }
        else if (real.ValueKind == JsonValueKind.Object)
        {
            var (ours, theirs) = (fake.EnumerateObject().Select(member => member.Name).ToHashSet(), real.EnumerateObject().Select(member => member.Name).ToHashSet());
            Differences.AddRange(ours.Except(theirs).Select(name => $"The gateway has no {path}/{name}."));
            Differences.AddRange(theirs.Except(ours).Select(name => $"The fake has no {path}/{name}."));
            foreach (var name in ours.Intersect(theirs))
                Compare($"{path}/{name}", real.GetProperty(name), fake.GetProperty(name));
        }
        else if (real.ValueKind == JsonValueKind.Array && real.GetArrayLength() > 0 && fake.GetArrayLength() > 0)
        {
            Compare(path + "/0", real[0], fake[0]);
        }
    }
}
