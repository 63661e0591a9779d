using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using SegOps.AppHost.Resources.Redis;
using SegOps.Bench.Chaos;

namespace SegOps.Bench.Soak;

/// <summary>Sends requests at a steady rate, without waiting for answers, and makes the requests of an open monitoring page.</summary>
/// <param name="gateway">The gateway's URL.</param>
/// <param name="perSecond">Requests a second.</param>
internal sealed class SteadyLoad(Uri gateway, int perSecond) : IDisposable
{
    private static readonly TimeSpan PagePause = TimeSpan.FromSeconds(5);

    private static readonly string[] Paths = ["health", "freshness", "volume?window=24h", "event-types", "users", "errors", "warnings", "usage", "events"];

    private readonly HttpClient _http = new() { BaseAddress = gateway };
    private long _sent;
    private long _accepted;
    private long _failed;

    /// <summary>Requests sent.</summary>
    internal long Sent => Interlocked.Read(ref _sent);

    /// <summary>Distinct events named by a 202.</summary>
    internal long Accepted => Interlocked.Read(ref _accepted);

    /// <summary>Requests without the expected answer.</summary>
    internal long Failed => Interlocked.Read(ref _failed);

    /// <summary>Sends until <paramref name="stop"/>, then waits for the outstanding answers.</summary>
    internal async Task RunAsync(CancellationToken stop) => await Task.WhenAll(TrackAsync(stop), QueryAsync(stop), WatchAsync(stop));

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task TrackAsync(CancellationToken stop)
    {
        var random = new Random(1);
        var open = new List<Task>();
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / perSecond));
        while (await TicksAsync(pace, stop))
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

    private async Task QueryAsync(CancellationToken stop)
    {
        using var pace = new PeriodicTimer(PagePause);
        while (await TicksAsync(pace, stop))
            foreach (var path in Paths)
            {
                using var request = Request(HttpMethod.Get, "/api/monitoring/" + path);
                using var answer = await _http.SendAsync(request, CancellationToken.None);
                if (!answer.IsSuccessStatusCode)
                    Interlocked.Increment(ref _failed);
            }
    }

    /// <summary>Keeps a live stream open, and reopens it when the service ends it.</summary>
    private async Task WatchAsync(CancellationToken stop)
    {
        var chunk = new byte[64 * 1024];
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var request = Request(HttpMethod.Get, "/api/monitoring/live");
                using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
                await using var events = await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(stop);
                while (await events.ReadAsync(chunk, stop) > 0)
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

    private static async Task<bool> TicksAsync(PeriodicTimer pace, CancellationToken stop)
    {
        try
        {
            return await pace.WaitForNextTickAsync(stop);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
