using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace SegOps.ServiceDefaults.Configuration;

/// <summary>Runs a service and returns its exit status. Invalid settings are listed in plain text, without a stack trace.</summary>
public static class ServiceHost
{
    /// <summary>sysexits.h EX_SOFTWARE: a background worker failed and logged the reason.</summary>
    public const int WorkerFault = 70;

    /// <summary>sysexits.h EX_CONFIG: the configuration must be corrected before a restart.</summary>
    public const int ConfigurationFault = 78;

    /// <summary>Builds the service and runs it until shutdown.</summary>
    /// <param name="build">Builds the service. Throws the exceptions of <see cref="CheckSettings"/> if settings are invalid.</param>
    /// <param name="errors">Receives the list of invalid settings; standard error by default.</param>
    /// <returns>0 after a clean shutdown, <see cref="WorkerFault"/> or <see cref="ConfigurationFault"/> otherwise.</returns>
    public static async Task<int> RunAsync(Func<WebApplication> build, TextWriter? errors = null)
    {
        if (await BuildAsync(build, errors) is not { } app)
            return ConfigurationFault;

        // The host stops when a worker fails, but RunAsync does not throw.
        var workers = app.Services.GetServices<IHostedService>().OfType<BackgroundService>().ToList();
        var stopping = app.Lifetime.ApplicationStopping;
        try
        {
            await app.RunAsync();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopped during the start, by a signal or because a worker failed.
        }
        return workers.Exists(worker => worker.ExecuteTask is { IsFaulted: true }) ? WorkerFault : 0;
    }

    /// <summary>Builds a service or a command. Returns null if settings are invalid, and lists them on <paramref name="errors"/>.</summary>
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

    /// <summary>Validates all options now. The host would validate them at its start.</summary>
    /// <exception cref="OptionsValidationException">Options of one type are invalid.</exception>
    /// <exception cref="AggregateException">Options of several types are invalid.</exception>
    public static void CheckSettings(IServiceProvider services) => services.GetService<IStartupValidator>()?.Validate();

    private static List<string> SettingFaults(Exception exception) => exception switch
    {
        OptionsValidationException invalid => [.. invalid.Failures],
        AggregateException several when several.InnerExceptions.All(inner => inner is OptionsValidationException) =>
            [.. several.InnerExceptions.SelectMany(SettingFaults)],
        _ => [],
    };
}
