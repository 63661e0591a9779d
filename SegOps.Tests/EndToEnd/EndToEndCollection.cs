namespace SegOps.Tests.EndToEnd;

/// <summary>
/// Tests of whole systems run one after the other, after all others: some stop a part or measure time. Those that start or stop a system are
/// in the long stage. Tests of the monitoring page run beside the others: each has a project of its own and mostly waits.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class EndToEndCollection : ICollectionFixture<AppHostFixture>
{
    public const string Name = "end to end";
}
