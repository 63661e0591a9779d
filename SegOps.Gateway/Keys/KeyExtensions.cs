using Microsoft.AspNetCore.Authentication;
using SegOps.ServiceDefaults.Configuration;

namespace SegOps.Gateway.Keys;

/// <summary>Everything about API keys in one call.</summary>
internal static class KeyExtensions
{
    /// <summary>Adds authentication by API key, its key store in Redis and the health check <see cref="KeyStoreHealthCheck.Name"/>.</summary>
    internal static WebApplicationBuilder AddApiKeys(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddValidatedOptions<KeyStoreOptions>(KeyStoreOptions.Section)
            .Configure<IConfiguration>(static (options, configuration) => options.ConnectionString = configuration.GetConnectionString("redis") ?? "")
            .Validate(static options => options.ConnectionString == "" || KeyStore.CanParse(options.ConnectionString),
                "ConnectionStrings:redis cannot be read: it takes StackExchange.Redis's form, for example host:6380,password=...,ssl=true.");
        services.AddSingleton<KeyStore>();
        services.AddSingleton<KeyCache>();
        services.AddSingleton<KeyMetrics>();
        services.AddHostedService<KeyStoreConnector>();
        services.AddHealthChecks().AddCheck<KeyStoreHealthCheck>(KeyStoreHealthCheck.Name, timeout: TimeSpan.FromSeconds(1));
        // The base class reports every 401 at Information; they are counted instead.
        builder.Logging.AddFilter(typeof(ApiKeyHandler).FullName, LogLevel.Warning);
        services.AddAuthentication(ApiKeyHandler.Scheme).AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.Scheme, null);
        services.AddAuthorization();
        return builder;
    }

    /// <summary>Connects before the first request comes, without holding up the start.</summary>
    private sealed class KeyStoreConnector(KeyStore store) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            store.Connect();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
