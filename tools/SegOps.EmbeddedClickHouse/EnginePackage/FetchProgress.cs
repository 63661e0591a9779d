namespace SegOps.EmbeddedClickHouse.EnginePackage;

/// <summary>Shows the progress of a download: a bar on a terminal, otherwise a line every few seconds.</summary>
internal sealed class FetchProgress(TextWriter output, TimeProvider clock)
{
    private const int BarWidth = 40;

    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan BarInterval = TimeSpan.FromMilliseconds(100);

    private readonly bool _terminal = ReferenceEquals(output, Console.Error) && !Console.IsErrorRedirected;
    private long? _shown;

    /// <summary>Reports the number of downloaded bytes and the total.</summary>
    public void Report(long bytes, long? total)
    {
        if (_shown is { } last && clock.GetElapsedTime(last) < (_terminal ? BarInterval : LineInterval))
            return;

        _shown = clock.GetTimestamp();
        var share = total is > 0 ? (double)bytes / total.Value : 0;
        var figures = $"{bytes >> 20} of {(total is null ? "?" : $"{total >> 20}")} MiB";
        if (_terminal)
            output.Write($"\rDownloading the ClickHouse engine [{new string('#', (int)(share * BarWidth)),-BarWidth}] {figures} ");
        else
            output.WriteLine($"Downloading the ClickHouse engine: {figures}");
    }

    /// <summary>Ends the line of the bar.</summary>
    public void End()
    {
        if (_terminal)
            output.WriteLine();
    }
}
