using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace SegOps.Conformance.Reference;

/// <summary>What a server answered.</summary>
internal sealed record ReferenceAnswer(int Status, JsonElement? Json, TimeSpan? RetryAfter, TimeSpan? Exhausted)
{
    public string? Code => Json is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty("code", out var code) ? code.GetString() : null;

    public int? Number(string name) =>
        Json is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty(name, out var value) && value.TryGetInt32(out var number) ? number : null;

    /// <summary>The entries of a list such as <c>errors</c>, one for each index.</summary>
    public IReadOnlyList<JsonElement> Entries(string name) =>
        Json is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty(name, out var entries) && entries.ValueKind == JsonValueKind.Array
            ? [.. entries.EnumerateArray().DistinctBy(entry => entry.GetProperty("index").GetInt32())]
            : [];
}

/// <summary>Sends batches.</summary>
internal sealed class ReferenceWire(ReferenceOptions options, Fault faults) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly string _firstSentAt = ReferenceEvent.Time(DateTimeOffset.UtcNow.AddMinutes(-2));
    private int _throwing = options.ThrowingSends;

    /// <summary>Whether the server does not take compressed bodies; for the whole process.</summary>
    private static bool _isPlain;

    public bool IsPlain => (_isPlain && !faults.HasFlag(Fault.AlwaysCompresses)) || !options.Gzip || faults.HasFlag(Fault.NeverCompresses);

    /// <summary>The server does not take compressed bodies.</summary>
    public static void SendPlain() => _isPlain = true;

    /// <returns>Null when no answer came.</returns>
    public async Task<ReferenceAnswer?> SendAsync(IReadOnlyList<ReferenceEvent> batch, CancellationToken cancellationToken)
    {
        if (_throwing-- > 0)
            throw new InvalidOperationException("The transport is broken.");
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (!faults.HasFlag(Fault.NoTimeout))
            timeout.CancelAfter(options.RequestTimeout);
        try
        {
            using var request = Request(batch);
            using var response = await _http.SendAsync(request, timeout.Token);
            return Read(response, await response.Content.ReadAsByteArrayAsync(timeout.Token));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Request(IReadOnlyList<ReferenceEvent> batch)
    {
        var body = Body(batch);
        var isCompressed = body.Length >= 1024 && !IsPlain;
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(options.ApiUrl, "/api/ingestion/track/batch/"))
        {
            Content = new ByteArrayContent(isCompressed ? Compress(body) : body),
        };
        request.Headers.TryAddWithoutValidation("Authorization", "ApiKey " + options.ApiKey);
        request.Headers.TryAddWithoutValidation("User-Agent", "segops-dotnet/0.1.0 (reference; linux)");
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (isCompressed)
            request.Content.Headers.ContentEncoding.Add("gzip");
        return request;
    }

    private byte[] Body(IReadOnlyList<ReferenceEvent> batch)
    {
        using var body = new MemoryStream();
        var sentAt = faults.HasFlag(Fault.OldSentAt) ? _firstSentAt : ReferenceEvent.Time(DateTimeOffset.UtcNow);
        body.Write(Encoding.UTF8.GetBytes($$"""{"sent_at":"{{sentAt}}",{{(faults.HasFlag(Fault.ExtraMembers) ? "\"library\":\"reference\"," : "")}}"events":["""));
        foreach (var (index, each) in batch.Index())
        {
            if (index > 0)
                body.WriteByte((byte)',');
            body.Write(faults.HasFlag(Fault.SnapshotsLate) ? each.Made() : each.Bytes);
        }

        body.Write("]}"u8);
        return body.ToArray();
    }

    private static byte[] Compress(byte[] body)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
            gzip.Write(body);
        return compressed.ToArray();
    }

    private static ReferenceAnswer Read(HttpResponseMessage response, byte[] body)
    {
        JsonElement? json = null;
        try
        {
            json = JsonSerializer.Deserialize<JsonElement>(body);
        }
        catch (JsonException)
        {
            // It is not the gateway's.
        }

        var retryAfter = response.Headers.RetryAfter;
        return new((int)response.StatusCode, json, retryAfter?.Delta ?? retryAfter?.Date - DateTimeOffset.UtcNow, Exhausted(response));
    }

    /// <summary>The longest <c>t</c> of a limit of which nothing is left.</summary>
    private static TimeSpan? Exhausted(HttpResponseMessage response) => response.Headers.TryGetValues("RateLimit", out var values)
        ? string.Join(',', values).Split(',')
            .Select(item => item.Split(';', StringSplitOptions.TrimEntries))
            .Where(parts => parts.Contains("r=0"))
            .Select(parts => (TimeSpan?)TimeSpan.FromSeconds(double.Parse(
                parts.First(part => part.StartsWith("t=", StringComparison.Ordinal))[2..], System.Globalization.CultureInfo.InvariantCulture)))
            .Max()
        : null;
}
