using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using SegOps.ServiceDefaults.Configuration;
using SegOps.ServiceDefaults.Redis;

namespace SegOps.Gateway.Keys;

/// <summary>Everything about API keys in one call.</summary>
internal static class KeyExtensions
{
    /// <summary>Adds authentication by API key, and its key store in Redis.</summary>
    internal static WebApplicationBuilder AddApiKeys(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        builder.AddRedis("keys already seen keep working from memory, others are answered 503.");
        services.AddValidatedOptions<KeyStoreOptions>(KeyStoreOptions.Section);
        services.AddSingleton<KeyStore>();
        services.AddSingleton<KeyCache>();
        services.AddSingleton<KeyUses>();
        services.AddHostedService<KeyUseWriter>();
        services.AddSingleton<FailureLimit>();
        services.AddSingleton<KeyMetrics>();
        services.AddHealthChecks().AddCheck<KeyStoreHealthCheck>(KeyStoreHealthCheck.Name);
        // The base class reports every 401 at Information; they are counted instead.
        builder.Logging.AddFilter(typeof(ApiKeyHandler).FullName, LogLevel.Warning);
        services.AddAuthentication(ApiKeyHandler.Scheme).AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.Scheme, null);
        services.AddAuthorization();
        return builder;
    }

    /// <summary>Whether the request's route is for callers with a key; on the others nobody looks at one.</summary>
    internal static bool TakesKey(this HttpContext context) =>
        context.GetEndpoint()?.Metadata is { } metadata
        && metadata.GetMetadata<IAuthorizeData>() is not null
        && metadata.GetMetadata<IAllowAnonymous>() is null;
}
