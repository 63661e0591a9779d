using System.Net;
using System.Net.Http.Json;
using SegOps.AppHost.Resources.Redis;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.EndToEnd;

/// <summary>The app host as a process, with its dashboard, started once for all tests that leave it running, when first asked for.</summary>
public sealed class AppHostFixture : IAsyncDisposable
{
    private readonly TemporaryFolder _data = new();
    private readonly LazyStart<AppHostProcess> _appHost;
    private readonly HttpClient _http = new();

    public AppHostFixture() => _appHost = new(async () =>
    {
        var process = AppHostProcess.Start(["--port", "0", "--data", _data.Path]);
        _http.BaseAddress = await process.BannerAsync();
        _http.DefaultRequestHeaders.Add("Authorization", "ApiKey " + DemoKeys.Free.Key);
        return process;
    });

    internal Task<AppHostProcess> GetAsync() => _appHost.GetAsync();

    internal async Task<string> DashboardLinkAsync() => (await _appHost.GetAsync()).Banner("Dashboard");

    /// <summary>Sends an event, again until it is accepted: a gateway that has just started does not reach Ingestion yet.</summary>
    /// <returns>The id of its trace.</returns>
    internal async Task<string> SendAsync()
    {
        await _appHost.GetAsync();
        var trace = "";
        await Eventually.IsAsync(
            HttpStatusCode.Accepted,
            async () =>
            {
                using var answer = await _http.PostAsJsonAsync(
                    new Uri("/api/ingestion/track/", UriKind.Relative), new { user_id = "user-123", event_type = "order_placed" }, TestContext.Current.CancellationToken);
                trace = answer.Headers.GetValues("X-Trace-Id").Single();
                return answer.StatusCode;
            });
        return trace;
    }

    /// <summary>Waits until an event of this type is stored.</summary>
    internal Task StoresAsync(string eventType) => Eventually.IsAsync<bool?>(true, async () => (await EventsAsync())?.Contains($"\"{eventType}\"", StringComparison.Ordinal));

    /// <summary>Waits until no event is stored.</summary>
    internal Task StoresNothingAsync() => Eventually.IsAsync<bool?>(true, async () => (await EventsAsync())?.Contains("\"events\":[]", StringComparison.Ordinal));

    /// <summary>The latest events; null while Monitoring does not answer.</summary>
    private async Task<string?> EventsAsync()
    {
        using var answer = await _http.GetAsync(new Uri("/api/monitoring/events", UriKind.Relative), TestContext.Current.CancellationToken);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken) : null;
    }

    public async ValueTask DisposeAsync()
    {
        await _appHost.DisposeAsync();
        _http.Dispose();
        _data.Dispose();
    }
}
