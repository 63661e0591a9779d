namespace SegOps.Tests.Fixtures;

/// <summary>Addresses at which nobody listens.</summary>
internal static class Nowhere
{
    public const string Http = "http://127.0.0.1:1";

    /// <summary>StackExchange.Redis can sit out its whole connect timeout, 5 s by default, though the connection is refused at once.</summary>
    public const string Redis = "127.0.0.1:1,connectTimeout=100";
}
