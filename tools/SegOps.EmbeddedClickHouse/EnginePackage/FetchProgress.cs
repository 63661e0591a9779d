namespace SegOps.EmbeddedClickHouse.EnginePackage;

/// <summary>Shows a download: a bar on a terminal, a line every few seconds elsewhere.</summary>
internal sealed class FetchProgress(TextWriter output, TimeProvider clock)
{
    private const int BarWidth = 40;

    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan BarInterval = TimeSpan.FromMilliseconds(100);

    private readonly bool _terminal = ReferenceEquals(output, Console.Error) && !Console.IsErrorRedirected;
    private long? _shown;

    /// <summary>Notes how many bytes there are, of how many.</summary>
    public void Report(long bytes, long? total)
    {
        if (_shown is { } last && clock.GetElapsedTime(last) < (_terminal ? BarInterval : LineInterval))
            return;

        _shown = clock.GetTimestamp();
        var share = total is > 0 ? (double)bytes / total.Value : 0;
        var figures = $"{bytes >> 20} of {(total is null ? "?" : $"{total >> 20}")} MiB";
        if (_terminal)
            output.Write($"\rFetching the ClickHouse engine [{new string('#', (int)(share * BarWidth)),-BarWidth}] {figures} ");
        else
            output.WriteLine($"Fetching the ClickHouse engine: {figures}");
    }

    /// <summary>Leaves the bar's line.</summary>
    public void End()
    {
        if (_terminal)
            output.WriteLine();
    }
}
