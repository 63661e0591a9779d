using System.Globalization;

namespace SegOps.Cli.Replay;

/// <summary>
/// Shows the progress of a replay. A terminal shows one line, which is overwritten. Otherwise there is a line every <see cref="LineInterval"/>,
/// and one at the end.
/// </summary>
internal sealed class ReplayProgress(ReplayConsole console, TimeProvider time, long total, bool showsStored)
{
    private static readonly TimeSpan OverwriteInterval = TimeSpan.FromSeconds(0.25);
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly long _started = time.GetTimestamp();
    private long _shown = time.GetTimestamp();
    private long _published;
    private long _stored;
    private long _done;

    /// <summary>Adds rows confirmed by Pub/Sub.</summary>
    public void Published(long rows)
    {
        lock (_lock)
        {
            _published += rows;
            ShowIfDue();
        }
    }

    /// <summary>Adds rows found in their table.</summary>
    public void Stored(long rows)
    {
        lock (_lock)
        {
            _stored += rows;
            ShowIfDue();
        }
    }

    /// <summary>Adds finished items, regardless of their result.</summary>
    public void Done(long items)
    {
        lock (_lock)
        {
            _done += items;
            ShowIfDue();
        }
    }

    /// <summary>Writes a separate line, such as the reason of a refusal.</summary>
    public void WriteLine(string line)
    {
        lock (_lock)
            console.Error.WriteLine(console.IsInteractive ? $"\r\e[K{line}" : line);
    }

    /// <summary>Writes the last line.</summary>
    public void End()
    {
        lock (_lock)
            console.Error.WriteLine(console.IsInteractive ? $"\r\e[K{Line()}" : Line());
    }

    private void ShowIfDue()
    {
        if (time.GetElapsedTime(_shown) < (console.IsInteractive ? OverwriteInterval : LineInterval))
            return;
        _shown = time.GetTimestamp();
        if (console.IsInteractive)
            console.Error.Write($"\r\e[K{Line()}");
        else
            console.Error.WriteLine(Line());
    }

    private string Line()
    {
        var rate = _published / Math.Max(time.GetElapsedTime(_started).TotalSeconds, 0.001);
        var stored = showsStored ? string.Create(CultureInfo.InvariantCulture, $", stored {_stored:N0}") : "";
        return string.Create(
            CultureInfo.InvariantCulture, $"published {_published:N0}{stored}, {rate:N0} a second, {Math.Max(0, total - _done):N0} of {total:N0} remaining");
    }
}

/// <summary>Counts the requested dead letters by result.</summary>
internal sealed class ReplayTally
{
    /// <summary>Published, stored and closed.</summary>
    public long Replayed { get; set; }

    /// <summary>Closed without publishing, because their rows were already stored.</summary>
    public long StoredBefore { get; set; }

    /// <summary>Named by id, but closed before or excluded by the filters.</summary>
    public long NotOpen { get; set; }

    /// <summary>Not published. The reasons were printed.</summary>
    public long Refused { get; set; }

    /// <summary>Published, but not found stored yet. Still open.</summary>
    public long NotSeen { get; set; }

    /// <summary>Returns the counts as a line.</summary>
    public string Summary(bool dryRun) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(dryRun ? "Would replay" : "Replayed")} {Replayed:N0}, stored already {StoredBefore:N0}, not open {NotOpen:N0}, refused {Refused:N0}, not seen stored yet {NotSeen:N0}.");
}
