using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace SegOps.ServiceDefaults.Configuration;

/// <summary>Options that are validated at the start of the service, not on first use.</summary>
public static class ValidatedOptions
{
    /// <summary>
    /// Binds <typeparamref name="TOptions"/> to the configuration section <paramref name="section"/> and validates its annotations at the
    /// start. <see cref="ServiceHost.RunAsync"/> reports all errors at once, with the ErrorMessage of each annotation.
    /// </summary>
    public static OptionsBuilder<TOptions> AddValidatedOptions<TOptions>(this IServiceCollection services, string section)
        where TOptions : class =>
        services.AddValidatedOptions<TOptions, AnnotationsValidator<TOptions>>(section);

    /// <summary>The same with a custom validator.</summary>
    public static OptionsBuilder<TOptions> AddValidatedOptions<TOptions, TValidator>(this IServiceCollection services, string section)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>
    {
        services.AddSingleton<IValidateOptions<TOptions>, TValidator>();
        return services.AddOptions<TOptions>().BindConfiguration(section).ValidateOnStart();
    }

    /// <summary>The validation errors of <paramref name="options"/> and of each of its <paramref name="parts"/>.</summary>
    public static IReadOnlyList<string> AnnotationFaults(object options, params IEnumerable<object> parts)
    {
        var broken = new List<ValidationResult>();
        foreach (var part in parts.Prepend(options))
            Validator.TryValidateObject(part, new ValidationContext(part), broken, validateAllProperties: true);
        return [.. broken.Select(result => result.ErrorMessage ?? "")];
    }

    // Uses reflection: the options source generator drops the messages of RangeAttribute, which contain the full keys.
    private sealed class AnnotationsValidator<TOptions> : IValidateOptions<TOptions>
        where TOptions : class
    {
        public ValidateOptionsResult Validate(string? name, TOptions options) =>
            AnnotationFaults(options) is { Count: > 0 } faults ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }
}
