using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace SegOps.Bench.CommandLine;

/// <summary>Options that take a number.</summary>
internal static class NumberOption
{
    /// <summary>An option that takes one number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    internal static Option<T> Create<T>(string name, string description, T standard, T least, T most)
        where T : struct, INumber<T>
    {
        var option = new Option<T>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<T>() is var value && (value < least || value > most))
                result.AddError(Bounds(name, least, most));
        });
        return option;
    }

    /// <summary>An option that may be given several times, a number each.</summary>
    internal static Option<T[]> CreateMany<T>(string name, string description, T standard, T least, T most)
        where T : struct, INumber<T>
    {
        var option = new Option<T[]>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => [standard] };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<T[]>() is { } values && values.Any(value => value < least || value > most))
                result.AddError(Bounds(name, least, most));
        });
        return option;
    }

    private static string Bounds<T>(string name, T least, T most)
        where T : IFormattable =>
        string.Create(CultureInfo.InvariantCulture, $"{name} takes a number from {least:N0} to {most:N0}.");
}
