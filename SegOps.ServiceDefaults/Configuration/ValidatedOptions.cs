using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace SegOps.ServiceDefaults.Configuration;

/// <summary>Options that are checked when the service starts, not when they are first used.</summary>
public static class ValidatedOptions
{
    /// <summary>
    /// Binds <typeparamref name="TOptions"/> to the configuration section <paramref name="section"/> and checks it with
    /// <typeparamref name="TValidator"/> at start; <see cref="ServiceHost.RunServiceAsync"/> reports all faults at once.
    /// </summary>
    public static OptionsBuilder<TOptions> AddValidatedOptions<TOptions, TValidator>(this IServiceCollection services, string section)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>
    {
        services.AddSingleton<IValidateOptions<TOptions>, TValidator>();
        return services.AddOptions<TOptions>().BindConfiguration(section).ValidateOnStart();
    }
}
