namespace SegOps.Contracts;

/// <summary>
/// The events that Monitoring sends through the whole pipeline to measure freshness. Ids of customers' projects begin with <c>prj_</c>, so they
/// never match <see cref="ProjectId"/>. No customer's figures include canaries.
/// </summary>
public static class Canary
{
    /// <summary>Value of the <c>project_id</c> column. The environment is <see cref="Environments.Test"/>, which quotas exclude.</summary>
    public const string ProjectId = "segops-canary";

    /// <summary>Value of the <c>event_type</c> column.</summary>
    public const string EventType = "canary_sent";

    /// <summary>Value of the <c>user_id</c> column.</summary>
    public const string UserId = "canary";
}
