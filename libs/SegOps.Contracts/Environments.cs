namespace SegOps.Contracts;

/// <summary>Values of the <c>environment</c> column, which the API key determines.</summary>
public static class Environments
{
    /// <summary>Events of <c>sk_live_</c> and <c>pk_live_</c> keys.</summary>
    public const string Live = "live";

    /// <summary>Events of <c>sk_test_</c> and <c>pk_test_</c> keys. They do not count towards the quota and are kept for 7 days.</summary>
    public const string Test = "test";
}
