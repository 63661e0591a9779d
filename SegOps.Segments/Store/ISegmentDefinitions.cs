namespace SegOps.Segments.Store;

/// <summary>The definitions of segments, for background work.</summary>
internal interface ISegmentDefinitions
{
    /// <summary>The segments of all projects.</summary>
    /// <exception cref="ServiceDefaults.Redis.RedisUnavailableException">They could not be read.</exception>
    Task<IReadOnlyList<SegmentDefinition>> AllAsync(CancellationToken cancellationToken);
}
