using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SegOps.Client;
using SegOps.Client.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the client to a program with dependency injection.</summary>
public static class SegOpsServiceCollectionExtensions
{
    /// <summary>
    /// Adds an <see cref="ISegOpsClient"/> for the whole process. The options are checked when the host starts. When everything else of the
    /// host has stopped, the client sends what is queued, at most <see cref="SegOpsOptions.ShutdownTimeout"/> long.
    /// </summary>
    /// <param name="services">The program's services. Their <see cref="TimeProvider"/> is used, if there is one.</param>
    /// <param name="configure">Sets at least <see cref="SegOpsOptions.ApiKey"/>.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddSegOps(this IServiceCollection services, Action<SegOpsOptions> configure)
    {
        services.AddOptions<SegOpsOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SegOpsOptions>, SegOpsOptionsValidator>());
        services.AddHttpClient(SegOpsClient.HttpClientName)
            .ConfigureHttpClient(http => http.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(HttpHandlers.New)

            // Retries of a program's defaults would repeat an old sent_at and hide the pauses that the server asks for.
            .ConfigureAdditionalHttpMessageHandlers((handlers, _) => handlers.Clear())

            // Otherwise the key is in the log at level Trace.
            .RedactLoggedHeaders(_ => true);
        services.TryAddSingleton<ISegOpsClient>(provider =>
        {
            var http = provider.GetRequiredService<IHttpClientFactory>();
            return new SegOpsClient(
                provider.GetRequiredService<IOptions<SegOpsOptions>>().Value,
                () => http.CreateClient(SegOpsClient.HttpClientName),
                provider.GetService<ILogger<SegOpsClient>>(),
                provider.GetService<TimeProvider>(),
                provider.GetService<IMeterFactory>());
        });
        services.AddHostedService<SegOpsHostedService>();
        return services;
    }
}
