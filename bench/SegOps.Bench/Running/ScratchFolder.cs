namespace SegOps.Bench.Running;

/// <summary>A new folder that goes with all it holds when disposed of.</summary>
internal sealed class ScratchFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("segops-bench-");

    /// <summary>Where it is.</summary>
    internal string Path => _folder.FullName;

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);
}
