using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace SegOps.Bench.CommandLine;

/// <summary>Options that take a number.</summary>
internal static class NumberOption
{
    /// <summary>An option that takes one number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    internal static Option<T> Create<T>(string name, string description, T standard, T least, T most)
        where T : struct, INumber<T> =>
        Create(name, description, standard, value => [value], least, most);

    /// <summary>An option that may be given several times, a number each.</summary>
    internal static Option<T[]> CreateMany<T>(string name, string description, T standard, T least, T most)
        where T : struct, INumber<T> =>
        Create(name, description, [standard], (T[]? values) => values ?? [], least, most);

    private static Option<TValue> Create<TValue, T>(
        string name, string description, TValue standard, Func<TValue?, T[]> numbers, T least, T most)
        where T : struct, INumber<T>
    {
        var option = new Option<TValue>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            if (numbers(result.GetValueOrDefault<TValue>()).Any(number => number < least || number > most))
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} takes a number from {least:N0} to {most:N0}."));
        });
        return option;
    }
}
