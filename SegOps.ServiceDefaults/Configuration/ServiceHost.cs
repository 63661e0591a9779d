using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace SegOps.ServiceDefaults.Configuration;

/// <summary>Runs a service. The exit status tells how it ended; wrong settings are listed in plain text instead of a stack trace.</summary>
public static class ServiceHost
{
    /// <summary>sysexits.h EX_SOFTWARE: a background worker failed; its log says why.</summary>
    public const int WorkerFault = 70;

    /// <summary>sysexits.h EX_CONFIG: a restart does not help until the configuration is corrected.</summary>
    public const int ConfigurationFault = 78;

    /// <summary>Builds the service and runs it until shutdown.</summary>
    /// <param name="build">Builds it; throws the exceptions of <see cref="CheckSettings"/> when settings are wrong.</param>
    /// <param name="errors">Where wrong settings are listed; standard error by default.</param>
    /// <returns>0 after a clean shutdown, <see cref="WorkerFault"/> or <see cref="ConfigurationFault"/> otherwise.</returns>
    public static async Task<int> RunAsync(Func<WebApplication> build, TextWriter? errors = null)
    {
        if (await BuildAsync(build, errors) is not { } app)
            return ConfigurationFault;

        // The host stops when a worker fails, but does not tell its caller.
        var workers = app.Services.GetServices<IHostedService>().OfType<BackgroundService>().ToList();
        var stopping = app.Lifetime.ApplicationStopping;
        try
        {
            await app.RunAsync();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // It was stopped during its start: by a signal, or because a worker failed.
        }
        return workers.Exists(worker => worker.ExecuteTask is { IsFaulted: true }) ? WorkerFault : 0;
    }

    /// <summary>Builds a service or one of its commands. Returns null when settings are wrong, and lists them on <paramref name="errors"/>.</summary>
    public static async Task<T?> BuildAsync<T>(Func<T> build, TextWriter? errors = null)
        where T : class
    {
        try
        {
            return build();
        }
        catch (Exception exception) when (SettingFaults(exception) is { Count: > 0 } faults)
        {
            errors ??= Console.Error;
            await errors.WriteLineAsync($"{AppDomain.CurrentDomain.FriendlyName} cannot start: {faults.Count} setting(s) to correct.");
            foreach (var fault in faults)
                await errors.WriteLineAsync("  - " + fault);
            return null;
        }
    }

    /// <summary>Checks all validated options now. The host would check them only when it starts.</summary>
    /// <exception cref="OptionsValidationException">Options of one type are wrong.</exception>
    /// <exception cref="AggregateException">Options of several types are.</exception>
    public static void CheckSettings(IServiceProvider services) => services.GetService<IStartupValidator>()?.Validate();

    private static List<string> SettingFaults(Exception exception) => exception switch
    {
        OptionsValidationException invalid => [.. invalid.Failures],
        AggregateException several when several.InnerExceptions.All(inner => inner is OptionsValidationException) =>
            [.. several.InnerExceptions.SelectMany(SettingFaults)],
        _ => [],
    };
}
