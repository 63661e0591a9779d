using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using SegOps.Contracts;
using SegOps.PubSub;
using SegOps.PubSub.Subscribing;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Ingestion;

/// <summary>Ingestion on a real socket, in this process, with subscribers of its own that see what it publishes.</summary>
internal sealed class IngestionUnderTest : IAsyncDisposable
{
    public const string Secret = RunningService.Secret;
    public const string Project = "project_1";
    public const string SinglePath = "/api/ingestion/track/";
    public const string BatchPath = "/api/ingestion/track/batch/";
    private readonly RunningService _service;

    private IngestionUnderTest(RunningService service) => _service = service;

    public HttpClient Client => _service.Client;

    public IServiceProvider Services => _service.Services;

    public static Task<IngestionUnderTest> StartAsync(string pubsub, params string[] settings) => StartWithAsync(pubsub, _ => { }, settings);

    /// <summary>Starts it with changes to its services.</summary>
    public static async Task<IngestionUnderTest> StartWithAsync(string pubsub, Action<WebApplicationBuilder> configure, params string[] settings) =>
        new(await RunningService.StartAsync(
            SegOps.Ingestion.Program.Build,
            [
                $"--ConnectionStrings:pubsub={pubsub}",
                // Nobody listens there: what is not about the quota goes on without Redis, and does not wait for it to come.
                "--ConnectionStrings:redis=" + Nowhere.Redis,
                // A busy machine must not turn an answer into a 503; tests of the deadline itself set their own.
                "--PubSub:Publisher:MessageDeadline=00:05:00",
                .. settings,
            ],
            builder =>
            {
                builder.AddSubscriber(Streams.EventsSubscription);
                builder.AddSubscriber(Streams.LateEventsSubscription);
                builder.AddSubscriber(Streams.RejectionsSubscription);
                configure(builder);
            }));

    public Task<HttpResponseMessage> PostAsync(string path, string json, Action<HttpRequestMessage>? change = null) =>
        PostAsync(path, Encoding.UTF8.GetBytes(json), change);

    public async Task<HttpResponseMessage> PostAsync(string path, byte[] body, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add(InternalHeaders.Secret, Secret);
        request.Headers.Add(InternalHeaders.Project, Project);
        request.Headers.Add(InternalHeaders.Environment, Environments.Live);
        change?.Invoke(request);
        return await Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Sends bytes as they are on a new connection and reads until the server closes it.</summary>
    public async Task<string> ExchangeAsync(string head, string body, bool endsSending = true)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Client.BaseAddress!.Host, Client.BaseAddress.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        var lines = $"{head}\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n{InternalHeaders.Secret}: {Secret}\r\n" +
            $"{InternalHeaders.Project}: {Project}\r\n{InternalHeaders.Environment}: {Environments.Live}\r\n\r\n{body}";
        await stream.WriteAsync(Encoding.UTF8.GetBytes(lines), TestContext.Current.CancellationToken);
        if (endsSending)
            client.Client.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken).Patiently();
    }

    /// <summary>The next message on the topic of accepted events, acked.</summary>
    public Task<DecodedMessage> NextEventsAsync() => NextAsync(Streams.EventsSubscription);

    /// <summary>The next message on the topic of late events, acked.</summary>
    public Task<DecodedMessage> NextLateEventsAsync() => NextAsync(Streams.LateEventsSubscription);

    /// <summary>The next message on the topic of rejections, acked.</summary>
    public Task<DecodedMessage> NextRejectionsAsync() => NextAsync(Streams.RejectionsSubscription);

    public static async Task<JsonElement> AssertProblemAsync(HttpStatusCode status, string code, HttpResponseMessage answer)
    {
        var problem = await ProblemAnswer.ReadAsync(status, code, answer);
        Assert.Matches("^[0-9a-f]{32}$", problem.GetProperty("traceId").GetString());
        return problem;
    }

    public static async Task<JsonElement> AssertAcceptedAsync(HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == HttpStatusCode.Accepted, $"{(int)answer.StatusCode}: {body}");
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        return JsonElement.Parse(body);
    }

    /// <summary>Asks the health endpoint until Redis is there.</summary>
    public Task WaitForRedisAsync() => Eventually.IsAsync(
        "healthy", async () => (await HealthAsync()).GetProperty("checks").GetProperty("redis").GetProperty("status").GetString());

    /// <summary>Asks it to stop, as SIGTERM does; returns once it has begun to.</summary>
    /// <returns>Completes when it has stopped.</returns>
    public Task BeginStop()
    {
        var stopping = _service.StopAsync();
        Assert.True(Services.GetRequiredService<Microsoft.Extensions.Hosting.IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
        return stopping;
    }

    public async ValueTask DisposeAsync()
    {
        var stopping = _service.StopAsync();

        // What still waits by a clock that stands still would keep the service from stopping.
        while (Services.GetRequiredService<TimeProvider>() is FakeTimeProvider clock && await Task.WhenAny(stopping, Task.Delay(20)) != stopping)
            clock.Advance(TimeSpan.FromSeconds(1));
        await stopping;
        await _service.DisposeAsync();
    }

    private async Task<JsonElement> HealthAsync()
    {
        using var answer = await Client.GetAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);
        return JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private async Task<DecodedMessage> NextAsync(string subscription)
    {
        await foreach (var message in Services.GetRequiredKeyedService<Subscriber>(subscription).ReadAsync(TestContext.Current.CancellationToken).Patiently())
        {
            message.Ack();
            return DecodedMessage.From(message);
        }

        throw new InvalidOperationException("The subscription ended.");
    }
}

/// <summary>A message as the ingestor reads it.</summary>
internal sealed record DecodedMessage(IReadOnlyDictionary<string, string> Attributes, string Text)
{
    public IReadOnlyList<JsonElement> Rows => [.. Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(row => JsonElement.Parse(row))];

    public IEnumerable<string?> Column(string column) => Rows.Select(row => row.GetProperty(column).ToString());

    public static DecodedMessage From(ReceivedMessage message)
    {
        using var zstd = new ZstdSharp.Decompressor();
        return new(message.Attributes, Encoding.UTF8.GetString(zstd.Unwrap(message.Data.Span)));
    }
}

/// <summary>Compresses request bodies.</summary>
internal static class Compress
{
    public static byte[] With(string encoding, byte[] body)
    {
        var compressed = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "gzip" or "x-gzip" => new GZipStream(compressed, CompressionLevel.Optimal),
            "br" => new BrotliStream(compressed, CompressionLevel.Fastest),
            "deflate" => new ZLibStream(compressed, CompressionLevel.Optimal),
            _ => new ZstdSharp.CompressionStream(compressed),
        })
        {
            stream.Write(body);
        }

        return compressed.ToArray();
    }
}
