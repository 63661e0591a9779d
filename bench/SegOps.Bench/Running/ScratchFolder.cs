namespace SegOps.Bench.Running;

/// <summary>A temporary folder, deleted with its content on disposal.</summary>
internal sealed class ScratchFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("segops-bench-");

    /// <summary>The full path.</summary>
    internal string Path => _folder.FullName;

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);
}
