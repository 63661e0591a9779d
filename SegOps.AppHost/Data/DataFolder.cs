using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SegOps.AppHost.Data;

/// <summary>The folder with the data of Redis and ClickHouse and the generated secrets. It is kept between runs and locked while in use.</summary>
internal sealed class DataFolder(string path) : IDisposable
{
    private const string Marker = "segops.txt";
    private const int SecretLength = 40;
    private static readonly string[] DataFolders = ["redis", "clickhouse", "containers"];

    /// <summary>After a SIGKILL of the app host, the orchestrator stops its processes within 15 s.</summary>
    private static readonly TimeSpan LastRunTimeout = TimeSpan.FromSeconds(20);

    private readonly Lock _disposing = new();
    private FileStream? _lock;

    /// <summary>The absolute path.</summary>
    public string FullPath { get; } = Path.GetFullPath(path);

    private string Processes => Path.Combine(FullPath, "processes");

    private string Holder => Path.Combine(FullPath, "holder.txt");

    /// <summary>Creates and locks the folder; deletes the stored data if <paramref name="fresh"/> is set.</summary>
    /// <exception cref="DataFolderException">The folder is in use, or contains other files.</exception>
    public async Task OpenAsync(bool fresh, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(FullPath);
        var marker = Path.Combine(FullPath, Marker);
        if (!File.Exists(marker) && Directory.EnumerateFileSystemEntries(FullPath).Any())
            throw new DataFolderException($"{FullPath} contains other files. Use an empty or new folder: --data DIR");
        await File.WriteAllTextAsync(marker, "Data of SegOps.AppHost. Its option --fresh deletes the data folders in here.\n", cancellationToken);

        _lock = await LockAsync(cancellationToken);
        await File.WriteAllTextAsync(Holder, string.Create(
            CultureInfo.InvariantCulture, $"process {Environment.ProcessId}, started in {Environment.CurrentDirectory} at {DateTime.Now:yyyy-MM-dd HH:mm:ss}"), cancellationToken);
        await WaitForLastRunAsync(cancellationToken);
        if (fresh)
            Clear();
    }

    /// <summary>The path of a subfolder, which is created if necessary.</summary>
    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(FullPath, name)).FullName;

    /// <summary>Part of the names of the containers' data volumes. It changes after a fresh start.</summary>
    public string VolumeNumber
    {
        get
        {
            var file = Path.Combine(Folder("containers"), "volumes");
            if (!File.Exists(file))
                File.WriteAllText(file, RandomNumberGenerator.GetHexString(8, lowercase: true));
            return File.ReadAllText(file);
        }
    }

    /// <summary>Deletes the stored data. The secrets stay, because containers and open consoles still use them.</summary>
    public void Clear()
    {
        foreach (var folder in DataFolders.Select(name => Path.Combine(FullPath, name)).Where(Directory.Exists))
            Directory.Delete(folder, recursive: true);
    }

    /// <summary>Reads a secret, or generates and stores it. Only the current user can read the file.</summary>
    public string Secret(string name)
    {
        var file = Path.Combine(Folder("secrets"), name);
        if (File.Exists(file))
            return File.ReadAllText(file).Trim();

        var secret = RandomNumberGenerator.GetHexString(SecretLength, lowercase: true);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var stream = new FileStream(file, options);
        stream.Write(Encoding.UTF8.GetBytes(secret));
        return secret;
    }

    /// <summary>Records a process that uses the folder, so that a run after a crash can wait for its end.</summary>
    public void Note(string resource, int processId)
    {
        if (Started(processId) is { } started)
            File.WriteAllText(Path.Combine(Folder("processes"), resource), $"{processId} {started}");
    }

    /// <summary>Releases the folder; no process may still use it. A test and its app host may both call this.</summary>
    public void Dispose()
    {
        lock (_disposing)
        {
            if (_lock is null)
                return;
            if (Directory.Exists(Processes))
                Directory.Delete(Processes, recursive: true);
            File.Delete(Holder);
            _lock.Dispose();
            _lock = null;
        }
    }

    private async Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        try
        {
            return new FileStream(Path.Combine(FullPath, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            var holder = File.Exists(Holder) ? await File.ReadAllTextAsync(Holder, cancellationToken) : "another process";
            throw new DataFolderException(
                $"{FullPath} is in use by {holder}. Stop it, or use another folder and port: --data DIR --port 0");
        }
    }

    /// <summary>Two servers would corrupt the same files.</summary>
    private async Task WaitForLastRunAsync(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(Processes))
            return;

        var deadline = DateTime.UtcNow + LastRunTimeout;
        foreach (var note in Directory.EnumerateFiles(Processes))
        {
            var words = (await File.ReadAllTextAsync(note, cancellationToken)).Split(' ');
            while (int.TryParse(words[0], CultureInfo.InvariantCulture, out var id) && Started(id) == words[^1])
            {
                if (DateTime.UtcNow > deadline)
                    throw new DataFolderException($"{Path.GetFileName(note)} of an earlier run (process {id}) still uses {FullPath}. Stop it: kill {id}");
                await Task.Delay(100, cancellationToken);
            }
        }
        Directory.Delete(Processes, recursive: true);
    }

    /// <summary>The start time, which distinguishes a process from a later one with the same id; null if it has ended.</summary>
    private static string? Started(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return process.StartTime.ToFileTimeUtc().ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}

/// <summary>The data folder cannot be used. The message tells the user what to do.</summary>
internal sealed class DataFolderException(string message) : Exception(message);
