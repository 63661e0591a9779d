namespace SegOps.Contracts;

/// <summary>The events that Monitoring sends through the pipeline to measure it. They are in nobody's figures.</summary>
public static class Canary
{
    /// <summary>Their project, which no customer can have. The schema's views leave it out by this name.</summary>
    public const string ProjectId = "segops-canary";
}
