namespace SegOps.Bench.Reporting;

/// <summary>Says what is going on: in a terminal on one line that is written again and again, in a log by a line now and then.</summary>
internal sealed class Progress(TextWriter to, bool isTerminal, TimeProvider clock)
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(10);

    private int _width;
    private long? _lastLine;

    /// <summary>On the console.</summary>
    internal static Progress OnConsole() => new(Console.Out, !Console.IsOutputRedirected, TimeProvider.System);

    /// <summary>What is going on now.</summary>
    internal void Say(string text)
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

    /// <summary>Takes the line away, for what is printed next.</summary>
    internal void Clear()
    {
        if (isTerminal)
            to.Write("\r" + new string(' ', _width) + "\r");
        _width = 0;
    }
}
