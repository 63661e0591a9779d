namespace SegOps.Conformance.Playing;

/// <summary>Something that a server does to an SDK, and what the SDK has to do then.</summary>
/// <param name="Number">One of the 30 of docs/sdks.md. Several scenarios can share a number.</param>
/// <param name="Name">What happens, in a few words.</param>
/// <param name="Play">Plays it, and throws if the SDK breaks a rule.</param>
internal sealed record Scenario(int Number, string Name, Func<Run, Task> Play)
{
    /// <summary>Whether only SDKs that keep events on the disk have to play it.</summary>
    public bool IsOfPersistence { get; init; }

    public override string ToString() => $"{Number:00} {Name}";
}
