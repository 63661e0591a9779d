using System.Diagnostics;
using System.Globalization;

namespace SegOps.Standalone;

/// <summary>The folder that outlives a run: what Redis and ClickHouse store, and the logs. Locked while in use.</summary>
internal sealed class DataFolder : IDisposable
{
    private const string Marker = "segops-standalone.txt";
    private static readonly string[] OwnFolders = ["redis", "clickhouse", "logs", "processes"];

    /// <summary>Guards give children 10 s to stop after their parent was killed.</summary>
    private static readonly TimeSpan LastRunPatience = TimeSpan.FromSeconds(15);

    private readonly FileStream _lock;

    private DataFolder(string path, FileStream @lock)
    {
        FullPath = path;
        _lock = @lock;
    }

    /// <summary>Where it is.</summary>
    public string FullPath { get; }

    /// <summary>One file for each part.</summary>
    public string Logs => Directory.CreateDirectory(Path.Combine(FullPath, "logs")).FullName;

    /// <summary>The user's folder for such data: $XDG_DATA_HOME/segops, or ~/.local/share/segops.</summary>
    public static string Default => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "segops");

    /// <summary>Makes or takes over the folder <paramref name="path"/>, emptied first when <paramref name="fresh"/>.</summary>
    /// <exception cref="DataFolderException">It is in use, or somebody else's.</exception>
    public static async Task<DataFolder> OpenAsync(string path, bool fresh, CancellationToken cancellationToken)
    {
        path = Path.GetFullPath(path);
        Directory.CreateDirectory(path);
        var marker = Path.Combine(path, Marker);
        if (!File.Exists(marker) && Directory.EnumerateFileSystemEntries(path).Any())
            throw new DataFolderException($"{path} holds something else. Name an empty or new folder: --data DIR");
        await File.WriteAllTextAsync(marker, "Data of SegOps.Standalone. Started with --fresh, it deletes its folders in here.\n", cancellationToken);

        var folder = new DataFolder(path, Lock(path));
        await folder.WaitForLastRunAsync(cancellationToken);
        if (fresh)
            folder.Clear();
        return folder;
    }

    /// <summary>Notes a process that uses the folder, so that a run after a crash can wait until it is gone.</summary>
    public void Note(string part, int processId) =>
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Processes).FullName, part), $"{processId}\n");

    /// <summary>Lets the next one use the folder; nothing may run on it any more.</summary>
    public void Dispose()
    {
        if (Directory.Exists(Processes))
            Directory.Delete(Processes, recursive: true);
        _lock.Dispose();
    }

    private string Processes => Path.Combine(FullPath, "processes");

    private static FileStream Lock(string path)
    {
        try
        {
            return new FileStream(Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new DataFolderException(
                $"Another SegOps.Standalone is using {path}. Stop that one, or give this one a folder and a port of its own: --data DIR --port 0");
        }
    }

    /// <summary>Two servers on the same files would ruin them.</summary>
    private async Task WaitForLastRunAsync(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(Processes))
            return;

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(LastRunPatience);
        try
        {
            foreach (var note in Directory.EnumerateFiles(Processes))
                if (int.TryParse(await File.ReadAllTextAsync(note, cancellationToken), CultureInfo.InvariantCulture, out var id))
                    await WaitForExitAsync(id, patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The guards have killed them by now: these are other processes that got the same ids.
        }
        Directory.Delete(Processes, recursive: true);
    }

    private static async Task WaitForExitAsync(int processId, CancellationToken cancellationToken)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (ArgumentException)
        {
            // It is gone.
        }
    }

    private void Clear()
    {
        foreach (var folder in OwnFolders.Select(name => Path.Combine(FullPath, name)).Where(Directory.Exists))
            Directory.Delete(folder, recursive: true);
    }
}

/// <summary>The data folder cannot be used; the message says what to do.</summary>
internal sealed class DataFolderException(string message) : Exception(message);
