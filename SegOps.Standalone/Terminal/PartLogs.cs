using SegOps.Standalone.Parts;

namespace SegOps.Standalone.Terminal;

/// <summary>
/// What the parts print: all of it into one file a part, from this run only; the services' also on the screen, each line after
/// the service's name. While the system starts the screen belongs to its progress.
/// </summary>
internal sealed class PartLogs : IDisposable
{
    private const int NameWidth = 10; // "monitoring", "clickhouse"

    private readonly Lock _lock = new();
    private readonly Dictionary<string, StreamWriter> _files = [];
    private readonly Screen _screen;
    private readonly string _folder;
    private readonly bool _verbose;
    private bool _disposed;

    /// <param name="screen">Where lines are shown.</param>
    /// <param name="folder">Gets the files.</param>
    /// <param name="verbose">Show every part's lines, from the start.</param>
    public PartLogs(Screen screen, string folder, bool verbose)
    {
        _screen = screen;
        _folder = folder;
        _verbose = verbose;
    }

    /// <summary>Whether services' lines are shown.</summary>
    public bool Live { private get; set; }

    /// <summary>Keeps, and perhaps shows, a line of <paramref name="part"/>.</summary>
    public void Add(string part, string line)
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            if (!_files.TryGetValue(part, out var file))
                _files[part] = file = new StreamWriter(Path.Combine(_folder, part + ".log")) { AutoFlush = true };
            file.WriteLine(line);
        }
        if (_verbose || (Live && Services.Names.Contains(part)))
            _screen.Write($"{Prefix(part)} {line}");
    }

    /// <summary>The part's name in a column of its own, and in a colour of its own.</summary>
    public string Prefix(string part)
    {
        var column = part.PadRight(NameWidth) + " │";
        return part switch
        {
            "gateway" => _screen.Cyan(column),
            "ingestion" => _screen.Green(column),
            "ingestor" => _screen.Magenta(column),
            "monitoring" => _screen.Blue(column),
            _ => _screen.Dim(column),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (var file in _files.Values)
                file.Dispose();
        }
    }
}
