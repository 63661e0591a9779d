using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Gateway.Security;

/// <summary>Reads everything that a gateway logs when it may log everything.</summary>
public sealed class LogSecretsTests : IAsyncLifetime
{
    private readonly FakeLogCollector _log = new();
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private OwnRedis _redis = null!;
    private UpstreamServer _upstream = null!;
    private GatewayUnderTest _gateway = null!;
    private string _valid = "";
    private string _revoked = "";
    private string _publishable = "";
    private readonly string _unknown = ApiKey.Generate(Environments.Live);
    private readonly string _malformed = ApiKey.Generate(Environments.Live) + "0";

    public async ValueTask InitializeAsync()
    {
        _redis = await OwnRedis.StartAsync();
        (_valid, _) = await KeyIssuer.IssueAsync(_redis.ConnectionString);
        (_revoked, _) = await KeyIssuer.IssueAsync(_redis.ConnectionString);
        (_publishable, _) = await KeyIssuer.IssuePublishableAsync(_redis.ConnectionString);
        await KeyIssuer.RevokeAsync(_redis.ConnectionString, _revoked, _clock.GetUtcNow());
        _upstream = await UpstreamServer.StartAsync();
        _gateway = await GatewayUnderTest.StartWithAsync(_redis.ConnectionString, _upstream.Url, builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(_clock);
            builder.Logging.SetMinimumLevel(LogLevel.Trace)
                .AddProvider(new FakeLoggerProvider(_log))
                .AddFilter<FakeLoggerProvider>(null, LogLevel.Trace);
        });
    }

    [Fact]
    public async Task Log_KeysOfEveryKind_HoldsNoSecret()
    {
        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized],
            await UseAllAsync());
        _clock.Advance(TimeSpan.FromMinutes(1));
        await _gateway.StopAsync();

        AssertNoSecret();
    }

    [Fact]
    public async Task Log_KeysInEveryForm_HoldsNoSecret()
    {
        var (publishable, _) = await KeyIssuer.IssuePublishableAsync(_redis.ConnectionString);
        var basic = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(_valid + ":"));

        HttpStatusCode[] statuses =
        [
            await SendAsync("", "Authorization", "Bearer " + _valid),
            await SendAsync("", "Authorization", "Basic " + basic),
            await SendAsync("", "X-Api-Key", _valid),
            await SendAsync("", "Authorization", _valid),
            await SendAsync("?key=" + publishable),
            await SendAsync("?key=" + publishable + "0"),
            await SendAsync("?key=" + _valid),
            await SendAsync("?a=b&key=" + _malformed),
            await SendAsync("?k%65y=" + _unknown.Replace("_", "%5F", StringComparison.Ordinal)),
            await SendAsync("?api_key=" + _revoked),
        ];
        await _gateway.StopAsync();

        Assert.Equal([200, 200, 200, 401, 200, 401, 400, 400, 400, 400], statuses.Select(status => (int)status));
        Assert.Contains(Lines(), line => line.Contains("Request starting", StringComparison.Ordinal));
        AssertNoSecret(publishable, basic, _unknown.Replace("_", "%5F", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Trace_KeysInUrls_HoldsNoSecret()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Microsoft.AspNetCore" or "System.Net.Http",
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var (publishable, _) = await KeyIssuer.IssuePublishableAsync(_redis.ConnectionString);

        await SendAsync("?key=" + publishable);
        await SendAsync("?key=" + _valid);
        await _gateway.StopAsync();

        string[] texts = [.. spans.Select(span => span.DisplayName + " " + Values(span.TagObjects) + Values(span.Baggage)
            + string.Concat(span.Events.Select(item => item.Name + Values(item.Tags))))];
        Assert.Contains(texts, text => text.Contains("url.path=/api/ingestion/track", StringComparison.Ordinal));
        Assert.All((string[])[publishable, _valid], key => Assert.DoesNotContain(texts, text => text.Contains(key, StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public async Task Log_RedisAway_HoldsNoSecret()
    {
        await UseAllAsync();
        await _redis.StopAsync();
        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden, HttpStatusCode.ServiceUnavailable, HttpStatusCode.Unauthorized],
            await UseAllAsync());
        await _gateway.StopAsync();

        Assert.Contains(Lines(), line => line.Contains("Redis is unavailable", StringComparison.Ordinal));
        AssertNoSecret();
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _upstream.DisposeAsync();
        await _redis.DisposeAsync();
    }

    private async Task<List<HttpStatusCode>> UseAllAsync()
    {
        var statuses = new List<HttpStatusCode>();
        foreach (var key in (string[])[_valid, _revoked, _publishable, _unknown, _malformed])
        {
            using var answer = await _gateway.SendAsync(key);
            statuses.Add(answer.StatusCode);
        }
        return statuses;
    }

    private async Task<HttpStatusCode> SendAsync(string query, string? header = null, string value = "")
    {
        using var answer = await _gateway.SendAsync(null, "/api/ingestion/track" + query, HttpMethod.Post, request =>
        {
            if (header is not null)
                request.Headers.TryAddWithoutValidation(header, value);
        });
        return answer.StatusCode;
    }

    private void AssertNoSecret(params string[] more)
    {
        var lines = Lines();
        Assert.Contains(_log.GetSnapshot(), record => record.Level <= LogLevel.Debug && record.Category!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
        string[] keys = [_valid, _revoked, _publishable, _unknown];
        string[] secrets = [.. keys, .. keys.Select(HashOf), _malformed, GatewayUnderTest.Secret, .. more];
        Assert.All(secrets, secret => Assert.DoesNotContain(lines, line => line.Contains(secret, StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>Each entry with all that it carries: text, values, scopes and exception.</summary>
    private List<string> Lines() => [.. _log.GetSnapshot().Select(record => string.Join(' ',
        record.Message, record.Exception, Values(record.StructuredState), string.Join(' ', record.Scopes.Select(Scope))))];

    private static string? Scope(object? scope) => scope is IEnumerable<KeyValuePair<string, object?>> values ? scope + " " + Values(values!) : scope?.ToString();

    private static string Values<TValue>(IEnumerable<KeyValuePair<string, TValue>>? values) =>
        string.Join(' ', values?.Select(value => $"{value.Key}={value.Value}") ?? []);

    private static string HashOf(string text) => ApiKey.TryParse(text, out var key) ? key.Hash : throw new ArgumentException("No key.", nameof(text));
}
