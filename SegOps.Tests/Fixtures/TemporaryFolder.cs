namespace SegOps.Tests.Fixtures;

/// <summary>A new folder that goes with all it holds when disposed of.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("segops-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
