namespace SegOps.Conformance.Sdks;

/// <summary>How long the runner waits for whatever is not a promise about time.</summary>
internal static class Patience
{
    private static readonly AsyncLocal<TimeSpan?> Shortened = new();

    /// <summary>Enough for a slow and busy machine.</summary>
    public static TimeSpan Current => Shortened.Value ?? TimeSpan.FromSeconds(60);

    /// <summary>For the tests of the runner, in which it waits in vain.</summary>
    public static void Shorten() => Shortened.Value = TimeSpan.FromSeconds(9);
}
