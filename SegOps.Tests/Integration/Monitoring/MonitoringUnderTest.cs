using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using SegOps.Contracts;
using SegOps.Monitoring.Rollups;
using SegOps.ServiceDefaults.Redis;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Monitoring;

/// <summary>Monitoring on a real socket, in this process, called as the gateway calls it.</summary>
internal sealed class MonitoringUnderTest : IAsyncDisposable
{
    /// <summary>Nobody listens there.</summary>
    public const string NoWarehouse = "Host=127.0.0.1;Port=1;Username=segops;Password=the-password;Database=segops";
    /// <summary>Checks the stages more often than every 2 s, for tests that wait for what the checks find.</summary>
    public const string QuickProbes = "--Pipeline:ProbeInterval=00:00:00.05";
    public const string Secret = RunningService.Secret;

    private readonly RunningService _service;

    private MonitoringUnderTest(RunningService service) => _service = service;

    public HttpClient Client => _service.Client;

    public IServiceProvider Services => _service.Services;

    /// <summary>Starts it with its connection to Redis open; canaries are sent only when there is an <paramref name="ingestion"/>.</summary>
    public static async Task<MonitoringUnderTest> StartAsync(
        string clickhouse, TimeProvider? clock = null, string ingestor = Nowhere.Http, string pubsub = $"Endpoint={Nowhere.Http};ProjectId=test", string? ingestion = null,
        string redis = Nowhere.Redis, Action<WebApplicationBuilder>? configure = null, params string[] settings)
    {
        var service = await RunningService.StartAsync(
            SegOps.Monitoring.Program.Build,
            [
                $"--ConnectionStrings:clickhouse={clickhouse}", $"--ConnectionStrings:pubsub={pubsub}",
                $"--ConnectionStrings:redis={redis}", "--Redis:Deadline=00:00:10", "--Redis:CommandTimeout=00:00:30", "--Warehouse:Deadline=00:00:30", $"--services:ingestor:http:0={ingestor}",
                $"--services:ingestion:http:0={ingestion ?? Nowhere.Http}", $"--Canary:Enabled={ingestion is not null}",
                "--Canary:Interval=00:00:00.1", .. settings,
            ],
            builder =>
            {
                if (clock is not null)
                    builder.Services.AddSingleton(clock);
                configure?.Invoke(builder);
            });
        if (redis != Nowhere.Redis)
            await Eventually.IsAsync(true, () => AnswersAsync(service.Services.GetRequiredService<RedisConnection>()));
        return new(service);
    }

    public async Task<HttpResponseMessage> GetAsync(
        string path, string project, string environment = Environments.Live, HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead,
        params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Add(InternalHeaders.Secret, Secret);
        request.Headers.Add(InternalHeaders.Project, project);
        request.Headers.Add(InternalHeaders.Environment, environment);
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        return await Client.SendAsync(request, completion, TestContext.Current.CancellationToken);
    }

    /// <summary>Counts what has changed, and searches duplicates, as the worker does over and over.</summary>
    public async Task RollUpAsync()
    {
        var worker = Services.GetRequiredService<RollupWorker>();
        await worker.PassAsync(TestContext.Current.CancellationToken);
        await worker.SearchAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The body and the status of Monitoring's own <paramref name="path"/>, such as /health.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Body)> ProbeAsync(string path)
    {
        using var answer = await Client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return (answer.StatusCode, JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
    }

    /// <summary>The body of an answer that must be 200.</summary>
    public async Task<JsonElement> ReadAsync(
        string path, string project, string environment = Environments.Live, params (string Name, string Value)[] headers)
    {
        using var answer = await GetAsync(path, project, environment, headers: headers);
        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, body);
        return JsonElement.Parse(body);
    }

    /// <summary>The ids of the events that <paramref name="path"/> answers with, in order.</summary>
    public async Task<Guid[]> EventIdsAsync(string path, string project, string environment = Environments.Live) =>
        [.. (await ReadAsync(path, project, environment)).GetProperty("events").EnumerateArray().Select(item => item.GetProperty("event_id").GetGuid())];

    /// <summary>Asks for the pipeline's health until <paramref name="stage"/> is in <paramref name="state"/> and was checked.</summary>
    public async Task<JsonElement> WaitForStageAsync(string stage, string state)
    {
        JsonElement found = default;
        await Eventually.IsAsync(state, async () =>
        {
            var health = await ReadAsync("/api/monitoring/health", "any");
            found = health.GetProperty("stages").EnumerateArray().Single(item => item.GetProperty("stage").GetString() == stage);
            var isUnchecked = found.TryGetProperty("reason", out var reason) && reason.GetString() == "It has not been checked yet.";
            return isUnchecked ? "not checked yet" : found.GetProperty("state").GetString();
        });
        return found;
    }

    /// <summary>A new connection takes longer than a request's deadline where the machine is busy.</summary>
    private static async Task<bool> AnswersAsync(RedisConnection redis)
    {
        try
        {
            await redis.RunAsync(database => database.PingAsync());
            return true;
        }
        catch (RedisUnavailableException)
        {
            return false;
        }
    }

    /// <summary>As on SIGTERM: what runs is seen through.</summary>
    public Task StopAsync() => _service.StopAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
