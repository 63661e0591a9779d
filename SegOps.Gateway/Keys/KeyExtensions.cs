using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using SegOps.ServiceDefaults.Configuration;
using SegOps.ServiceDefaults.Redis;

namespace SegOps.Gateway.Keys;

/// <summary>Registration of authentication by API key.</summary>
internal static class KeyExtensions
{
    /// <summary>Adds the scheme and the policy of API keys, and their key store in Redis.</summary>
    internal static WebApplicationBuilder AddApiKeys(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        builder.AddRedis("keys already seen keep working from memory, others are answered 503.");
        services.AddValidatedOptions<KeyStoreOptions>(KeyStoreOptions.Section);
        services.AddSingleton<KeyStore>();
        services.AddSingleton<KeyCache>();
        services.AddSingleton<KeyLastUsedBuffer>();
        services.AddHostedService<KeyLastUsedWriter>();
        services.AddHostedService<KeyRevocations>();
        services.AddSingleton<AuthenticationFailureLimiter>();
        services.AddSingleton<IHttpContextFactory, UrlKeyContextFactory>();
        services.AddHealthChecks().AddCheck<KeyStoreHealthCheck>("key_store");
        // The base class logs every 401 at Information. A metric counts them instead.
        builder.Logging.AddFilter(typeof(ApiKeyHandler).FullName, LogLevel.Warning);
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.Scheme, null);
        services.AddAuthorizationBuilder().AddPolicy(
            ApiKeyHandler.Policy, static policy => policy.AddAuthenticationSchemes(ApiKeyHandler.Scheme).RequireAuthenticatedUser());
        return builder;
    }

    /// <summary>Degraded while Redis holds no key store. Cached keys still work. An operator must restore the others.</summary>
    private sealed class KeyStoreHealthCheck(KeyStore store) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                return await store.ReadEpochAsync() is null
                    ? HealthCheckResult.Degraded("Redis was emptied, or no key exists. Restore Redis or create keys.")
                    : HealthCheckResult.Healthy();
            }
            catch (RedisUnavailableException)
            {
                return HealthCheckResult.Degraded("Redis is unavailable.");
            }
        }
    }
}

/// <summary>Configuration section <c>KeyStore</c>: how the gateway caches keys.</summary>
internal sealed class KeyStoreOptions
{
    internal const string Section = "KeyStore";

    /// <summary>Time before a cached key is looked up again; the maximum delay of a revocation. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00", ErrorMessage = "KeyStore:Freshness must be from 00:00:00.1 to 00:01:00.")]
    public TimeSpan Freshness { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Maximum number of cached keys; the least used are evicted. Default 50,000, about 30 MB.</summary>
    [Range(1, 10_000_000, ErrorMessage = "KeyStore:Capacity must be from 1 to 10000000.")]
    public int Capacity { get; set; } = 50_000;

    /// <summary>
    /// Maximum failed authentications within 60 seconds from one IPv4 address or IPv6 /64 network. Above it, keys that are not cached are
    /// looked up once a second only. Default 30: enough for typing errors and service restarts, too few for guessing.
    /// </summary>
    [Range(1, 100_000, ErrorMessage = "KeyStore:FailuresPerMinute must be from 1 to 100000.")]
    public int FailuresPerMinute { get; set; } = 30;

    /// <summary>Interval at which the last use of keys is written. Default 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "KeyStore:LastUsedInterval must be from 00:00:01 to 01:00:00.")]
    public TimeSpan LastUsedInterval { get; set; } = TimeSpan.FromMinutes(1);
}
