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

    /// <summary>The project's plan: one of <see cref="PlanNames"/>.</summary>
    public const string Plan = "X-SegOps-Plan";

    /// <summary>How many calls a minute the project may make.</summary>
    public const string CallsPerMinute = "X-SegOps-Calls-Per-Minute";

    /// <summary>How many live events a month the project may send; absent when there is no limit.</summary>
    public const string EventsPerMonth = "X-SegOps-Events-Per-Month";

    /// <summary>Milliseconds that the request may still wait for Redis.</summary>
    public const string RedisBudget = "X-SegOps-Redis-Budget";

    /// <summary>In Ingestion's answer: the project's live events of this month, those of the request included.</summary>
    public const string MonthUsed = "X-SegOps-Month-Used";
}
