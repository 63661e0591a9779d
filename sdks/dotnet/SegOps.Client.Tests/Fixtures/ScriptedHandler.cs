using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace SegOps.Client.Tests.Fixtures;

/// <summary>A server without a socket: each request waits until the test answers it.</summary>
internal sealed class ScriptedHandler : HttpMessageHandler
{
    private readonly Channel<ScriptedRequest> _requests = Channel.CreateUnbounded<ScriptedRequest>();

    public ValueTask<ScriptedRequest> NextAsync() => _requests.Reader.ReadAsync(Guard.Token);

    /// <summary>Whether a request waits now.</summary>
    public bool HasRequest => _requests.Reader.TryPeek(out _);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
        var scripted = new ScriptedRequest(request.RequestUri!, request.Headers, request.Content.Headers, body);
        _requests.Writer.TryWrite(scripted);
        return await scripted.Answered.WaitAsync(cancellationToken);
    }
}

/// <summary>One request that a test has to answer.</summary>
internal sealed class ScriptedRequest(Uri url, HttpRequestHeaders headers, HttpContentHeaders contentHeaders, byte[] body)
{
    private readonly TaskCompletionSource<HttpResponseMessage> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Uri Url => url;

    public HttpRequestHeaders Headers => headers;

    public bool Compressed => contentHeaders.ContentEncoding.Contains("gzip");

    public Task<HttpResponseMessage> Answered => _answer.Task;

    public JsonNode Body => JsonNode.Parse(Compressed ? Decompress(body) : body)!;

    public JsonArray Events => Body["events"]!.AsArray();

    public string[] Ids => [.. Events.Select(item => (string)item!["event_id"]!)];

    /// <summary>The text of each event.</summary>
    public string[] Texts => [.. Events.Select(item => item!.ToJsonString())];

    public void Accept(params (string Name, string Value)[] answerHeaders) =>
        Answer(202, $$"""{"request_id":"r","accepted":{{Events.Count}},"rejected":0}""", answerHeaders);

    public void Answer(int status, string json = "", params (string Name, string Value)[] answerHeaders)
    {
        var answer = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in answerHeaders)
        {
            answer.Headers.TryAddWithoutValidation(name, value);
        }

        _answer.SetResult(answer);
    }

    public void Problem(int status, string code, params (string Name, string Value)[] answerHeaders) =>
        Answer(status, $$"""{"status":{{status}},"code":"{{code}}"}""", answerHeaders);

    public void Throw(Exception exception) => _answer.SetException(exception);

    private static byte[] Decompress(byte[] bytes)
    {
        using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        gzip.CopyTo(plain);
        return plain.ToArray();
    }
}
