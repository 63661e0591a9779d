namespace SegOps.Tests.EndToEnd;

/// <summary>
/// Tests that stop a part, measure time or start a system run one after the other, after all others. Tests of the monitoring page run beside
/// the others: each has a project of its own and mostly waits.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class EndToEndCollection : ICollectionFixture<AppHostFixture>
{
    public const string Name = "end to end";
}
