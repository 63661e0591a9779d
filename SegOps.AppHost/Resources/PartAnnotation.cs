namespace SegOps.AppHost.Resources;

/// <summary>Marks a process of SegOps' own: it is started again when it crashes, and stopped in order.</summary>
/// <param name="StopRank">Those of a lower rank are stopped first.</param>
internal sealed record PartAnnotation(int StopRank) : IResourceAnnotation
{
    /// <summary>Of the servers, which end together when all services have ended.</summary>
    public const int Server = int.MaxValue;
}
