using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace SegOps.Bench.CommandLine;

/// <summary>Creates options that take numbers.</summary>
internal static class NumberOption
{
    /// <summary>Creates an option for a number from <paramref name="min"/> to <paramref name="max"/>.</summary>
    internal static Option<T> Create<T>(string name, string description, T defaultValue, T min, T max)
        where T : struct, INumber<T> =>
        Create(name, description, defaultValue, value => [value], min, max);

    /// <summary>Creates an option for numbers that may be given several times.</summary>
    internal static Option<T[]> CreateMany<T>(string name, string description, T defaultValue, T min, T max)
        where T : struct, INumber<T> =>
        Create(name, description, [defaultValue], (T[]? values) => values ?? [], min, max);

    private static Option<TValue> Create<TValue, T>(
        string name, string description, TValue defaultValue, Func<TValue?, T[]> numbers, T min, T max)
        where T : struct, INumber<T>
    {
        var option = new Option<TValue>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => defaultValue };
        option.Validators.Add(result =>
        {
            if (numbers(result.GetValueOrDefault<TValue>()).Any(number => number < min || number > max))
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} must be from {min:N0} to {max:N0}."));
        });
        return option;
    }
}
