using System.Collections.Concurrent;
using System.Net.Http.Headers;

namespace SegOps.Client.Sending;

/// <summary>Sends one batch and reads the answer. Never throws: whatever happens is an answer.</summary>
internal sealed class Transport
{
    /// <summary>Above every answer: 500 rejected events with several errors each. More is not read.</summary>
    private const int MaxAnswerBytes = 4 * 1024 * 1024;

    /// <summary>The servers that take no compressed bodies, for all clients of the process.</summary>
    private static readonly ConcurrentDictionary<Uri, bool> PlainServers = new();

    private readonly SegOpsOptions _options;
    private readonly Clock _clock;
    private readonly Func<HttpClient> _clients;
    private readonly ClientMeter _meter;
    private readonly Uri _url;
    private readonly AuthenticationHeaderValue _authorization;

    public Transport(SegOpsOptions options, Clock clock, Func<HttpClient> clients, ClientMeter meter)
    {
        _options = options;
        _clock = clock;
        _clients = clients;
        _meter = meter;
        _url = new Uri($"{options.ApiUrl.AbsoluteUri.TrimEnd('/')}/api/ingestion/track/batch/");
        _authorization = new AuthenticationHeaderValue("ApiKey", options.ApiKey);
    }

    /// <summary>Bodies are sent plain from now on, until the process ends.</summary>
    public void SendPlain() => PlainServers[_url] = true;

    public async Task<Answer> SendAsync(IReadOnlyList<QueuedEvent> batch, CancellationToken abort)
    {
        var start = _clock.Now;
        using var timeout = _clock.Timeout(_options.RequestTimeout);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(abort, timeout.Token);
        Answer answer;
        try
        {
            answer = await ExchangeAsync(batch, either.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Handlers are other people's code and can throw anything. All of it means that there was no answer.
        catch (Exception e)
#pragma warning restore CA1031
        {
            answer = new Answer(Verdict.Transient) { Failure = timeout.IsCancellationRequested ? "timeout" : e.GetType().Name };
        }

        _meter.Requested(_clock.Now - start, answer.Status);
        return answer;
    }

    private async Task<Answer> ExchangeAsync(IReadOnlyList<QueuedEvent> batch, CancellationToken cancellationToken)
    {
        using var content = Content(batch, out var compressed);
        using var request = new HttpRequestMessage(HttpMethod.Post, _url) { Content = content };
        request.Headers.Authorization = _authorization;
        request.Headers.TryAddWithoutValidation("User-Agent", Sdk.UserAgent);
        using var response = await _clients().SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        var body = await ReadAsync(response.Content, cancellationToken).ConfigureAwait(false);
        return AnswerReader.Read(
            (int)response.StatusCode,
            body,
            batch.Count,
            compressed,
            PauseHeaders.RetryAfter(Header(response, "Retry-After"), _clock.UtcNow),
            PauseHeaders.RateLimit(Header(response, "RateLimit")));
    }

    private ByteArrayContent Content(IReadOnlyList<QueuedEvent> batch, out bool compressed)
    {
        var body = BatchBody.Write(batch, _clock.UtcNow);
        var gzip = _options.Gzip && body.Length >= BatchBody.MinCompressed && !PlainServers.ContainsKey(_url);
        var small = gzip ? Compress(body) : null;
        compressed = small is not null;
        var content = new ByteArrayContent(small ?? body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (compressed)
        {
            content.Headers.ContentEncoding.Add("gzip");
        }

        return content;
    }

    /// <summary>Null, now and from now on, if this runtime cannot compress: a trimmed program can lack the native library.</summary>
    private byte[]? Compress(byte[] body)
    {
        try
        {
            return BatchBody.Compress(body);
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException or NotSupportedException or IOException)
        {
            SendPlain();
            return null;
        }
    }

    private static async Task<byte[]> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
#if NET8_0_OR_GREATER
        using var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
#else
        using var stream = await content.ReadAsStreamAsync().ConfigureAwait(false);
#endif
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
#if NET8_0_OR_GREATER
            var read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
#else
            var read = await stream.ReadAsync(buffer, 0, buffer.Length, cancellationToken).ConfigureAwait(false);
#endif
            if (read == 0 || body.Length > MaxAnswerBytes)
            {
                return body.ToArray();
            }

            body.Write(buffer, 0, read);
        }
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? string.Join(",", values) : null;
}
