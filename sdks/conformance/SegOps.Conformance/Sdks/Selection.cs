namespace SegOps.Conformance.Sdks;

/// <summary>What an environment variable selects.</summary>
internal static class Selection
{
    /// <summary>The items whose keys the variable lists with commas; all if it is not set.</summary>
    public static IReadOnlyList<T> Of<T>(string variable, IReadOnlyList<T> items, Func<T, string> key)
    {
        var listed = Environment.GetEnvironmentVariable(variable);
        if (string.IsNullOrWhiteSpace(listed))
            return items;
        var keys = listed.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (keys.Except(items.Select(key)).ToArray() is [_, ..] unknown)
            throw new InvalidOperationException($"{variable} lists what does not exist: {string.Join(", ", unknown)}.");
        return [.. items.Where(item => keys.Contains(key(item)))];
    }
}
