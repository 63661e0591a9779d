namespace SegOps.Contracts;

/// <summary>
/// The project of the events that Monitoring sends through the whole path to see how long they take. No customer's project is called
/// so, for those begin with <c>prj_</c>; nothing that a customer is shown counts it.
/// </summary>
public static class Canary
{
    /// <summary>Value of the <c>project_id</c> column; in <see cref="Environments.Test"/>, which neither quotas nor live figures see.</summary>
    public const string ProjectId = "segops-canary";

    /// <summary>Value of the <c>event_type</c> column.</summary>
    public const string EventType = "canary_sent";

    /// <summary>Value of the <c>user_id</c> column.</summary>
    public const string UserId = "canary";
}
