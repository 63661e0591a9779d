using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace SegOps.ServiceDefaults.Configuration;

/// <summary>Runs a service so that a wrong configuration is reported for people rather than as a stack trace.</summary>
public static class ServiceHost
{
    /// <summary>sysexits.h EX_CONFIG: restarting does not help until the configuration is mended.</summary>
    public const int ConfigurationFault = 78;

    /// <summary>Runs until shutdown.</summary>
    /// <param name="app">The service, built.</param>
    /// <param name="errors">Where faults are written; standard error by default.</param>
    /// <returns>0 after a clean shutdown, <see cref="ConfigurationFault"/> when settings are wrong.</returns>
    public static async Task<int> RunServiceAsync(this WebApplication app, TextWriter? errors = null)
    {
        if (SettingFaults(app) is { Count: > 0 } faults)
        {
            errors ??= Console.Error;
            await errors.WriteLineAsync($"{app.Environment.ApplicationName} cannot start: {faults.Count} setting(s) to mend.");
            foreach (var fault in faults)
                await errors.WriteLineAsync("  - " + fault);
            return ConfigurationFault;
        }

        await app.RunAsync();
        return 0;
    }

    // The host would do the same at start, but it logs the faults as a stack trace.
    private static List<string> SettingFaults(WebApplication app)
    {
        try
        {
            app.Services.GetService<IStartupValidator>()?.Validate();
            return [];
        }
        catch (OptionsValidationException invalid)
        {
            return [.. invalid.Failures];
        }
        catch (AggregateException several) when (several.InnerExceptions.All(inner => inner is OptionsValidationException))
        {
            return [.. several.InnerExceptions.Cast<OptionsValidationException>().SelectMany(invalid => invalid.Failures)];
        }
    }
}
