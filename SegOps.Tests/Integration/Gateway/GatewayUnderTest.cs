using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using StackExchange.Redis;

namespace SegOps.Tests.Integration.Gateway;

/// <summary>The gateway on a real socket, in this process.</summary>
internal sealed class GatewayUnderTest : IAsyncDisposable
{
    public const string Secret = RunningService.Secret;
    private readonly RunningService _service;

    private GatewayUnderTest(RunningService service) => _service = service;

    public HttpClient Client => _service.Client;

    public IServiceProvider Services => _service.Services;

    public Uri Url => Client.BaseAddress!;

    /// <summary>Every address that it listens on.</summary>
    public IEnumerable<string> Urls => _service.Urls;

    /// <summary>Starts it; <paramref name="upstream"/> is the address of all services behind it.</summary>
    public static Task<GatewayUnderTest> StartAsync(string redis, string upstream, TimeProvider? clock = null, params string[] settings) =>
        StartWithAsync(redis, upstream, builder =>
        {
            if (clock is not null)
                builder.Services.AddSingleton(clock);
        }, settings);

    /// <summary>Starts it with changes to its services.</summary>
    public static async Task<GatewayUnderTest> StartWithAsync(string redis, string upstream, Action<WebApplicationBuilder> configure, params string[] settings) =>
        new(await RunningService.StartAsync(
            SegOps.Gateway.Program.Build,
            [
                $"--ConnectionStrings:redis={redis}",
                "--Redis:Deadline=00:00:10", "--Redis:CommandTimeout=00:00:30", // a busy machine must not look like a Redis that is away
                $"--services:ingestion:http:0={upstream}", $"--services:monitoring:http:0={upstream}", $"--services:segments:http:0={upstream}", .. settings,
            ],
            configure));

    /// <summary>Sends a request with <paramref name="key"/>, if any.</summary>
    public async Task<HttpResponseMessage> SendAsync(
        string? key, string path = "/api/ingestion/track", HttpMethod? method = null, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, new Uri(path, UriKind.Relative));
        if (key is not null)
            request.Headers.TryAddWithoutValidation("Authorization", "ApiKey " + key);
        change?.Invoke(request);
        return await Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Checks that <paramref name="answer"/> is the problem named, with the trace id in its header, and returns it.</summary>
    public static async Task<JsonElement> AssertProblemAsync(HttpStatusCode status, string code, HttpResponseMessage answer)
    {
        var problem = await ProblemAnswer.ReadAsync(status, code, answer);
        Assert.Equal(problem.GetProperty("traceId").GetString(), answer.Headers.GetValues("X-Trace-Id").Single());
        return problem;
    }

    /// <summary>Asks the health endpoint until <paramref name="expected"/> is the state of Redis.</summary>
    public Task WaitForRedisAsync(string expected) => Eventually.IsAsync(expected, RedisAsync);

    /// <summary>Stops it as SIGTERM does, with all the time that it takes.</summary>
    public Task StopAsync() => _service.StopAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    private async Task<string?> RedisAsync()
    {
        var health = await Client.GetFromJsonAsync<JsonElement>(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);
        return health.GetProperty("checks").GetProperty("redis").GetProperty("status").GetString();
    }
}

/// <summary>Issues keys as key management will.</summary>
internal static class KeyIssuer
{
    /// <summary>A new key of a new project.</summary>
    public static Task<(string Key, string Project)> IssueAsync(string redis, string environment = Environments.Live, string plan = "free") =>
        IssueAsync(redis, ApiKey.Generate(environment), plan, null, null);

    /// <summary>A new publishable key of a new project. The origins are separated by spaces.</summary>
    public static Task<(string Key, string Project)> IssuePublishableAsync(
        string redis, string? allowedOrigins = null, int? callsPerMinutePerAddress = null, string environment = Environments.Live) =>
        IssueAsync(redis, ApiKey.Generate(environment, ApiKeyKind.Publishable), "free", allowedOrigins, callsPerMinutePerAddress?.ToString(CultureInfo.InvariantCulture));

    private static async Task<(string Key, string Project)> IssueAsync(
        string redis, string text, string plan, string? allowedOrigins, string? callsPerMinutePerAddress)
    {
        var project = Unique.Name("project_");
        await WriteAsync(redis, async database =>
        {
            var (id, now) = (Unique.Name("key_"), TimeProvider.System.GetUtcNow());
            await database.StringSetAsync(RedisKeys.KeyStoreEpoch, Unique.Name("epoch_"), when: When.NotExists);
            await database.HashSetAsync(RedisKeys.Project(project), Entries(KeyRecords.Project(plan, "A test's", now)));
            await database.HashSetAsync(RedisKeys.ApiKey(HashOf(text)), Entries(KeyRecords.Key(text, id, project, null, now, allowedOrigins, callsPerMinutePerAddress)));
            await database.HashSetAsync(RedisKeys.ProjectKeys(project), id, HashOf(text));
        });
        return (text, project);
    }

    /// <summary>A new key of a project that exists.</summary>
    public static async Task<string> IssueForAsync(string redis, string project, string environment)
    {
        var text = ApiKey.Generate(environment);
        await WriteAsync(redis, database => database.HashSetAsync(RedisKeys.ApiKey(HashOf(text)), [new(ApiKeyFields.Project, project)]));
        return text;
    }

    public static Task RevokeAsync(string redis, string key, DateTimeOffset at) =>
        WriteAsync(redis, database => database.HashSetAsync(RedisKeys.ApiKey(HashOf(key)), ApiKeyFields.RevokedAt, at.ToUnixTimeMilliseconds()));

    public static Task DeleteAsync(string redis, string key) =>
        WriteAsync(redis, database => database.KeyDeleteAsync(RedisKeys.ApiKey(HashOf(key))));

    private static HashEntry[] Entries(KeyValuePair<string, string>[] fields) => [.. fields.Select(field => new HashEntry(field.Key, field.Value))];

    private static string HashOf(string text)
    {
        Assert.True(ApiKey.TryParse(text, out var key));
        return key.Hash;
    }

    private static async Task WriteAsync(string redis, Func<IDatabase, Task> write)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis);
        await write(connection.GetDatabase());
    }
}
