using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace SegOps.Tests.EndToEnd;

/// <summary>A client of the public API, as plain as curl.</summary>
internal sealed class Api(Uri gateway) : IDisposable
{
    public const string Single = "/api/ingestion/track/";
    public const string Batch = "/api/ingestion/track/batch/";

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = gateway };

    /// <summary>Sends one event, which has to be accepted.</summary>
    public Task<Answer> TrackAsync(string key, string body) => AcceptedAsync(key, Single, body);

    /// <summary>Sends a batch, of which something has to be accepted.</summary>
    public Task<Answer> TrackBatchAsync(string key, string body) => AcceptedAsync(key, Batch, body);

    /// <summary>Sends <paramref name="body"/> as JSON, with the key as documented.</summary>
    public Task<Answer> PostAsync(string? key, string path, string body, Action<HttpRequestMessage>? change = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
        };
        return SendAsync(request, key, change);
    }

    public Task<Answer> GetAsync(string? key, string path, Action<HttpRequestMessage>? change = null) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, path), key, change);

    public void Dispose() => _http.Dispose();

    private async Task<Answer> AcceptedAsync(string key, string path, string body)
    {
        var answer = await PostAsync(key, path, body, request => request.Headers.Add("Prefer", "return=representation"));
        Assert.True(answer.Status == HttpStatusCode.Accepted, $"{(int)answer.Status}: {answer.Text}");
        return answer;
    }

    private async Task<Answer> SendAsync(HttpRequestMessage request, string? key, Action<HttpRequestMessage>? change)
    {
        using (request)
        {
            if (key is not null)
                request.Headers.TryAddWithoutValidation("Authorization", "ApiKey " + key);
            change?.Invoke(request);
            using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
            return new Answer(
                response.StatusCode, response.Headers, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }
}

/// <summary>What the API answered.</summary>
internal sealed record Answer(HttpStatusCode Status, HttpResponseHeaders Headers, string Text)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    public string RequestId => Json.GetProperty("request_id").GetString()!;

    public string? Code => Json.TryGetProperty("code", out var code) ? code.GetString() : null;
}
