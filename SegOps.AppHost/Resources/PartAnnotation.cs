namespace SegOps.AppHost.Resources;

/// <summary>Marks a process of SegOps. It is restarted after a crash and stopped in order.</summary>
/// <param name="StopRank">Lower ranks stop first.</param>
internal sealed record PartAnnotation(int StopRank) : IResourceAnnotation
{
    /// <summary>The rank of servers, which stop together after all services.</summary>
    public const int Server = int.MaxValue;
}
