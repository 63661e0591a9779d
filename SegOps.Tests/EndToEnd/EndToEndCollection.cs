namespace SegOps.Tests.EndToEnd;

/// <summary>End-to-end tests run one after the other, after all others: they share a system and time matters to one of them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class EndToEndCollection
{
    public const string Name = "end to end";
}
