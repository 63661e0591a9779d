namespace SegOps.Contracts;

/// <summary>
/// Headers that the gateway sets for the services behind it. It removes every header with <see cref="Prefix"/> that a client
/// sends, so that behind it they can be trusted together with <see cref="Secret"/>.
/// </summary>
public static class InternalHeaders
{
    /// <summary>What every internal header's name begins with.</summary>
    public const string Prefix = "X-SegOps-";

    /// <summary>The shared secret that shows the call came through the gateway.</summary>
    public const string Secret = "X-SegOps-Secret";

    /// <summary>The project that the API key belongs to.</summary>
    public const string Project = "X-SegOps-Project";

    /// <summary><see cref="Environments.Live"/> or <see cref="Environments.Test"/>.</summary>
    public const string Environment = "X-SegOps-Environment";

    /// <summary>The project's plan, in lower case: free, starter, business or enterprise.</summary>
    public const string Plan = "X-SegOps-Plan";
}
