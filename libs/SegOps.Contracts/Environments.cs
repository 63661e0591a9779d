namespace SegOps.Contracts;

/// <summary>Where a key's events go: values of the <c>environment</c> column.</summary>
public static class Environments
{
    /// <summary>Events of <c>sk_live_</c> keys.</summary>
    public const string Live = "live";

    /// <summary>Events of <c>sk_test_</c> keys: outside the quota, kept for 7 days.</summary>
    public const string Test = "test";
}
