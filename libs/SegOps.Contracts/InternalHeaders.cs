namespace SegOps.Contracts;

/// <summary>
/// Headers from the gateway to internal services. The gateway removes all headers with <see cref="Prefix"/> from client requests, so that services
/// can trust them if <see cref="Secret"/> is correct.
/// </summary>
public static class InternalHeaders
{
    /// <summary>The prefix of all internal headers.</summary>
    public const string Prefix = "X-SegOps-";

    /// <summary>The shared secret, which proves that the gateway sent the request.</summary>
    public const string Secret = "X-SegOps-Secret";

    /// <summary>The project that the API key belongs to.</summary>
    public const string Project = "X-SegOps-Project";

    /// <summary><see cref="Environments.Live"/> or <see cref="Environments.Test"/>.</summary>
    public const string Environment = "X-SegOps-Environment";

    /// <summary>The project's plan: one of <see cref="PlanNames"/>.</summary>
    public const string Plan = "X-SegOps-Plan";

    /// <summary>The project's limit of calls per minute.</summary>
    public const string CallsPerMinute = "X-SegOps-Calls-Per-Minute";

    /// <summary>The project's quota of live events per month; absent if unlimited.</summary>
    public const string EventsPerMonth = "X-SegOps-Events-Per-Month";

    /// <summary>The project's quota of test events per day; only with a test key.</summary>
    public const string TestEventsPerDay = "X-SegOps-Test-Events-Per-Day";

    /// <summary>The rest of the request's Redis deadline, in milliseconds.</summary>
    public const string RedisBudget = "X-SegOps-Redis-Budget";

    /// <summary>In Ingestion's answer: the project's live events of this month, or its test events of this day, including those of the request.</summary>
    public const string QuotaUsed = "X-SegOps-Quota-Used";
}
