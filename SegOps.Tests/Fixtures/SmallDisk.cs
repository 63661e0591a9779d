using System.Diagnostics;
using System.Globalization;

namespace SegOps.Tests.Fixtures;

/// <summary>A file system of a few megabytes and inodes in memory, which a test fills up. It needs root on Linux; elsewhere the test is skipped.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private SmallDisk()
    {
    }

    public string Path => _folder.Path;

    private string Filling => System.IO.Path.Combine(Path, "filling");

    public static SmallDisk Mount(int megabytes, int inodes)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Mounting a small file system needs root on Linux.");
        var disk = new SmallDisk();
        var options = string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m,nr_inodes={inodes}");
        if (Run("mount", "-t", "tmpfs", "-o", options, "segops-test", disk.Path) is not 0 and var status)
        {
            disk._folder.Dispose();
            Assert.Skip($"This machine does not let a test mount a file system: mount ends with {status}.");
        }

        return disk;
    }

    /// <summary>Takes all inodes that are left.</summary>
    public void FillInodes() => Fill(folder =>
    {
        for (; ; )
            File.Create(System.IO.Path.Combine(folder, Guid.NewGuid().ToString())).Dispose();
    });

    /// <summary>Takes all space that is left.</summary>
    public void FillSpace() => Fill(folder =>
    {
        using var file = new FileStream(System.IO.Path.Combine(folder, "all"), FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (var page = new byte[Environment.SystemPageSize]; ;)
            file.Write(page);
    });

    /// <summary>Gives back what was taken.</summary>
    public void Free() => Directory.Delete(Filling, recursive: true);

    public void Dispose()
    {
        // A process that just ended can keep the mount busy for a moment: a lazy unmount does not wait for it.
        Run("umount", "-l", Path);
        _folder.Dispose();
    }

    private void Fill(Action<string> fill)
    {
        try
        {
            fill(Directory.CreateDirectory(Filling).FullName);
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
