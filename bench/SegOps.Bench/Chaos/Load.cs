using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace SegOps.Bench.Chaos;

/// <summary>
/// Clients that send events and retry after a connection loss, 10 s without an answer, 408, 429 and 5xx. They observe Retry-After. One in twenty
/// requests is sent again after its answer. After a connection loss they go to the next gateway, as with a load balancer.
/// </summary>
/// <param name="gateways">The gateways' URLs.</param>
/// <param name="seed">Seed of the requests. Their timing depends on the answers.</param>
/// <param name="projects">Record the outcome of each event. The clients are distributed over the projects.</param>
internal sealed class Load(IReadOnlyList<Uri> gateways, int seed, IReadOnlyList<SentEvents> projects)
{
    private const int Clients = 6;
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MaxPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, int> _answers = new();

    /// <summary>Number of attempts by result: a status, or "no answer".</summary>
    internal IReadOnlyDictionary<string, int> Answers => _answers;

    /// <summary>Sends new events until <paramref name="stopSending"/>, and retries until <paramref name="stopRetrying"/>.</summary>
    internal Task RunAsync(CancellationToken stopSending, CancellationToken stopRetrying) =>
        Task.WhenAll(Enumerable.Range(0, Clients).Select(client => RunAsync(client, stopSending, stopRetrying)));

    /// <summary>Sends one valid event until it is accepted.</summary>
    /// <returns>Its id.</returns>
    internal async Task<Guid> SendOneAsync(SentEvents project, CancellationToken stopRetrying)
    {
        var random = Random.Shared;
        TrackRequest request;
        do
            request = TrackRequest.Next(random, TimeProvider.System.GetUtcNow());
        while (request.Valid.Count == 0);
        project.Add(request.All);
        using var http = Client(project);
        await SendAsync(http, Random.Shared.Next(gateways.Count), project, request, random, stopRetrying);
        return request.Valid[0];
    }

    private async Task RunAsync(int client, CancellationToken stopSending, CancellationToken stopRetrying)
    {
        var random = new Random(seed + client);
        var project = projects[client % projects.Count];
        var gateway = client;
        using var http = Client(project);
        while (!stopSending.IsCancellationRequested)
        {
            var request = TrackRequest.Next(random, TimeProvider.System.GetUtcNow());
            project.Add(request.All);
            for (var times = random.Next(20) == 0 ? 2 : 1; times > 0; times--)
                gateway = await SendAsync(http, gateway, project, request, random, stopRetrying);
            await Task.Delay(random.NextDouble() * MaxPause, stopRetrying).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static HttpClient Client(SentEvents project)
    {
        var http = new HttpClient { Timeout = AttemptTimeout };
        http.DefaultRequestHeaders.Add("Authorization", "ApiKey " + project.Key.Key);
        http.DefaultRequestHeaders.Add("Prefer", "return=representation");
        return http;
    }

    /// <returns>The number of the gateway that answered.</returns>
    private async Task<int> SendAsync(HttpClient http, int gateway, SentEvents project, TrackRequest request, Random random, CancellationToken stopRetrying)
    {
        var backoff = TimeSpan.FromMilliseconds(200);
        while (!stopRetrying.IsCancellationRequested)
        {
            var (attempt, wait) = await TryAsync(http, gateways[gateway % gateways.Count], project, request, stopRetrying);
            if (attempt == Attempt.Settled)
                break;
            if (attempt == Attempt.NoAnswer)
                gateway++;
            wait ??= backoff * (0.5 + random.NextDouble());
            backoff = backoff * 2 < MaxRetryAfter ? backoff * 2 : MaxRetryAfter;
            await Task.Delay(wait.Value, stopRetrying).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return gateway;
    }

    private async Task<(Attempt Attempt, TimeSpan? RetryAfter)> TryAsync(
        HttpClient http, Uri gateway, SentEvents project, TrackRequest request, CancellationToken stopRetrying)
    {
        try
        {
            using var content = new StringContent(request.Body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
            using var response = await http.PostAsync(new Uri(gateway, request.Path), content, stopRetrying);
            var body = await response.Content.ReadAsStringAsync(stopRetrying);
            Count($"{(int)response.StatusCode}");
            if (response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError)
                return (Attempt.Refused, RetryAfter(response));
            Settle(project, request, response.StatusCode == HttpStatusCode.Accepted ? AcceptedIn(body) : []);
            return (Attempt.Settled, null);
        }
        catch (Exception lost) when (lost is HttpRequestException or IOException or OperationCanceledException or SocketException)
        {
            // HttpClient does not wrap the SocketException of a connection that is reset just after it was opened.
            Count("no answer");
            return (Attempt.NoAnswer, null);
        }
    }

    private static void Settle(SentEvents project, TrackRequest request, HashSet<Guid> accepted)
    {
        foreach (var id in request.All)
            project.Settle(id, accepted.Contains(id) ? Outcome.Accepted : Outcome.Refused);
    }

    private static HashSet<Guid> AcceptedIn(string answer)
    {
        using var json = JsonDocument.Parse(answer);
        return [.. json.RootElement.GetProperty("event_ids").EnumerateArray().Select(id => id.GetGuid())];
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter?.Delta switch
    {
        null => null,
        { } delay when delay > MaxRetryAfter => MaxRetryAfter,
        { } delay => delay,
    };

    private void Count(string answer) => _answers.AddOrUpdate(answer, 1, (_, before) => before + 1);

    private enum Attempt
    {
        Settled,
        Refused,
        NoAnswer,
    }
}
