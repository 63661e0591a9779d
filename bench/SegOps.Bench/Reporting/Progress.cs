namespace SegOps.Bench.Reporting;

/// <summary>Shows the progress. A terminal shows one line, which is overwritten. A log gets at most one line per 10 s.</summary>
internal sealed class Progress(TextWriter to, bool isTerminal, TimeProvider clock)
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(10);

    private int _width;
    private long? _lastLine;

    /// <summary>Creates an instance for the console.</summary>
    internal static Progress OnConsole() => new(Console.Out, !Console.IsOutputRedirected, TimeProvider.System);

    /// <summary>Shows the current step.</summary>
    internal void Show(string text)
    {
        if (isTerminal)
        {
            to.Write("\r" + text.PadRight(_width));
            _width = text.Length;
        }
        else if (_lastLine is not { } last || clock.GetElapsedTime(last) >= LogInterval)
        {
            to.WriteLine("  " + text);
            _lastLine = clock.GetTimestamp();
        }
    }

    /// <summary>Clears the line on a terminal.</summary>
    internal void Clear()
    {
        if (isTerminal)
            to.Write("\r" + new string(' ', _width) + "\r");
        _width = 0;
    }
}
