using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace SegOps.InternalApi;

/// <summary>Reads query parameters. The error of an invalid parameter names it. An empty parameter counts as absent.</summary>
public static class QueryParameters
{
    /// <summary>Reads a string of at most <paramref name="maxLength"/> Unicode scalar values; null if absent.</summary>
    public static string? Text(IQueryCollection query, string name, int maxLength) =>
        Optional(query, name) is { } text ? Required(text, name, maxLength) : null;

    /// <summary>Checks a string of 1 to <paramref name="maxLength"/> Unicode scalar values.</summary>
    public static string Required(string? text, string name, int maxLength) =>
        !string.IsNullOrEmpty(text) && text.EnumerateRunes().Count() <= maxLength
            ? text
            : throw new InvalidParameterException($"{name} takes 1 to {maxLength} characters.");

    /// <summary>Reads an integer from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public static int Number(IQueryCollection query, string name, int min, int max, int whenAbsent)
    {
        if (Optional(query, name) is not { } text)
            return whenAbsent;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw new InvalidParameterException($"{name} takes a whole number from {min} to {max}.");
    }

    /// <summary>The parameter's single value; null if absent or empty.</summary>
    public static string? Optional(IQueryCollection query, string name)
    {
        var values = query[name];
        if (values.Count > 1)
            throw new InvalidParameterException($"{name} may be given only once.");
        return string.IsNullOrEmpty(values.ToString()) ? null : values.ToString();
    }
}

/// <summary>A query parameter is invalid. The message contains its name and valid values, never its value.</summary>
public sealed class InvalidParameterException(string message) : Exception(message);
