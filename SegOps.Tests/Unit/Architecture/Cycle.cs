#pragma warning disable IDE0161 // Two namespaces in one file: each stands for a folder.

namespace SegOps.Tests.Unit.Architecture.Cycle.One
{
    /// <summary>Uses the other folder, which uses this one.</summary>
    internal sealed record First(Two.Second? Other);
}

namespace SegOps.Tests.Unit.Architecture.Cycle.Two
{
    internal sealed record Second(One.First? Other);
}
