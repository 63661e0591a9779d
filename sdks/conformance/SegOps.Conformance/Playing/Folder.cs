using System.Diagnostics;

namespace SegOps.Conformance.Playing;

/// <summary>A new folder for what clients persist. It goes when disposed of.</summary>
internal sealed class Folder : IDisposable
{
    private bool _isMounted;

    public string Path { get; } = Directory.CreateTempSubdirectory("segops-conformance-").FullName;

    /// <summary>The files that hold something, the newest last.</summary>
    public IReadOnlyList<string> Files =>
    [
        .. Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories).Where(file => new FileInfo(file).Length > 0).OrderBy(File.GetLastWriteTimeUtc),
    ];

    /// <summary>A folder on a full file system. Mounting one needs root on Linux; elsewhere the scenario is skipped.</summary>
    public static Folder Full()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Mounting a small file system needs root on Linux.");
        var folder = new Folder();
        folder._isMounted = Run("mount", "-t", "tmpfs", "-o", "size=64k", "segops-conformance", folder.Path) == 0;
        if (!folder._isMounted)
            folder.Dispose();
        Assert.SkipUnless(folder._isMounted, "This machine does not let a test mount a file system.");
        folder.Fill();
        return folder;
    }

    /// <summary>Gives back the space that was taken.</summary>
    public void Free() => File.Delete(Filling);

    public void Dispose()
    {
        // A process that just ended can keep the mount busy for a moment: a lazy unmount does not wait for it.
        if (_isMounted)
            Run("umount", "-l", Path);
        Directory.Delete(Path, recursive: true);
    }

    private string Filling => System.IO.Path.Combine(Path, "filling");

    private void Fill()
    {
        try
        {
            using var file = new FileStream(Filling, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
            for (var page = new byte[Environment.SystemPageSize]; ;)
                file.Write(page);
        }
        catch (IOException)
        {
            // It is full.
        }
    }

    private static int Run(string command, params string[] arguments)
    {
        using var process = Process.Start(command, arguments);
        process.WaitForExit();
        return process.ExitCode;
    }
}
