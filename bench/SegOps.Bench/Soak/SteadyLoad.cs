using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using SegOps.AppHost.Resources.Redis;
using SegOps.Bench.Chaos;

namespace SegOps.Bench.Soak;

/// <summary>Sends requests at an even pace, whether the ones before were answered or not, and does what an open page does besides.</summary>
/// <param name="gateway">Where to send.</param>
/// <param name="perSecond">Requests a second.</param>
internal sealed class SteadyLoad(Uri gateway, int perSecond) : IDisposable
{
    private static readonly TimeSpan PagePause = TimeSpan.FromSeconds(5);

    private static readonly string[] Questions = ["health", "freshness", "volume?window=24h", "event-types", "users", "errors", "warnings", "usage", "events"];

    private readonly HttpClient _http = new() { BaseAddress = gateway };
    private long _sent;
    private long _accepted;
    private long _failed;

    /// <summary>Requests sent.</summary>
    internal long Sent => Interlocked.Read(ref _sent);

    /// <summary>Events that a 202 named, each a different one.</summary>
    internal long Accepted => Interlocked.Read(ref _accepted);

    /// <summary>Requests that were not answered as they have to be.</summary>
    internal long Failed => Interlocked.Read(ref _failed);

    /// <summary>Sends until <paramref name="enough"/>; returns when all is answered.</summary>
    internal async Task RunAsync(CancellationToken enough) => await Task.WhenAll(TrackAsync(enough), AskAsync(enough), WatchAsync(enough));

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task TrackAsync(CancellationToken enough)
    {
        var random = new Random(1);
        var open = new List<Task>();
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / perSecond));
        while (await TicksAsync(pace, enough))
        {
            open.RemoveAll(sending => sending.IsCompleted);
            open.Add(TrackAsync(TrackRequest.Next(random, TimeProvider.System.GetUtcNow())));
        }
        await Task.WhenAll(open);
    }

    private async Task TrackAsync(TrackRequest track)
    {
        Interlocked.Increment(ref _sent);
        using var request = Request(HttpMethod.Post, track.Path);
        request.Content = new StringContent(track.Body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        try
        {
            using var answer = await _http.SendAsync(request);
            if (answer.StatusCode == HttpStatusCode.Accepted)
                Interlocked.Add(ref _accepted, JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("accepted").GetInt64());
            else if (track.Valid.Count > 0)
                Interlocked.Increment(ref _failed);
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
        {
            Interlocked.Increment(ref _failed);
        }
    }

    private async Task AskAsync(CancellationToken enough)
    {
        using var pace = new PeriodicTimer(PagePause);
        while (await TicksAsync(pace, enough))
            foreach (var question in Questions)
            {
                using var request = Request(HttpMethod.Get, "/api/monitoring/" + question);
                using var answer = await _http.SendAsync(request, CancellationToken.None);
                if (!answer.IsSuccessStatusCode)
                    Interlocked.Increment(ref _failed);
            }
    }

    /// <summary>Keeps a live stream open; the service ends it now and then, and the page opens the next.</summary>
    private async Task WatchAsync(CancellationToken enough)
    {
        var chunk = new byte[64 * 1024];
        while (!enough.IsCancellationRequested)
        {
            try
            {
                using var request = Request(HttpMethod.Get, "/api/monitoring/live");
                using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, enough);
                await using var events = await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(enough);
                while (await events.ReadAsync(chunk, enough) > 0)
                {
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static HttpRequestMessage Request(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Authorization", "ApiKey " + DemoKeys.Enterprise.Key);
        return request;
    }

    private static async Task<bool> TicksAsync(PeriodicTimer pace, CancellationToken enough)
    {
        try
        {
            return await pace.WaitForNextTickAsync(enough);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
