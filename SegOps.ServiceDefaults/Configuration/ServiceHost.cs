using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Options;

namespace SegOps.ServiceDefaults.Configuration;

/// <summary>Runs a service so that a wrong configuration is reported for people rather than as a stack trace.</summary>
public static class ServiceHost
{
    /// <summary>sysexits.h EX_CONFIG: restarting does not help until the configuration is mended.</summary>
    public const int ConfigurationFault = 78;

    /// <summary>Runs until shutdown.</summary>
    /// <returns>0 after a clean shutdown, <see cref="ConfigurationFault"/> when settings are wrong.</returns>
    public static async Task<int> RunServiceAsync(this WebApplication app)
    {
        try
        {
            await app.RunAsync();
            return 0;
        }
        catch (Exception exception) when (SettingFaults(exception) is { Count: > 0 } faults)
        {
            await Console.Error.WriteLineAsync($"{app.Environment.ApplicationName} cannot start: {faults.Count} setting(s) to mend.");
            foreach (var fault in faults)
                await Console.Error.WriteLineAsync("  - " + fault);
            return ConfigurationFault;
        }
    }

    private static List<string> SettingFaults(Exception exception) => exception switch
    {
        OptionsValidationException invalid => [.. invalid.Failures],
        AggregateException many when many.InnerExceptions.All(inner => inner is OptionsValidationException) =>
            [.. many.InnerExceptions.SelectMany(SettingFaults)],
        _ => [],
    };
}
