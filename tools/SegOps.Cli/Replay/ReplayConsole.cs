namespace SegOps.Cli.Replay;

/// <summary>The input and output of a command.</summary>
/// <param name="In">Input of <c>--row -</c>.</param>
/// <param name="Out">Results.</param>
/// <param name="OutBytes">Binary results.</param>
/// <param name="Error">Progress and errors.</param>
/// <param name="IsInteractive">Whether <paramref name="Error"/> is a terminal, so that a line can be overwritten.</param>
internal sealed record ReplayConsole(Func<Stream> In, TextWriter Out, Func<Stream> OutBytes, TextWriter Error, bool IsInteractive)
{
    /// <summary>The streams of this process.</summary>
    public static ReplayConsole OfProcess() => new(Console.OpenStandardInput, Console.Out, Console.OpenStandardOutput, Console.Error, !Console.IsErrorRedirected);
}

/// <summary>The exit status of a command. Most values above 1 are from sysexits.h.</summary>
internal static class ReplayStatus
{
    /// <summary>Everything requested is done.</summary>
    public const int Done = 0;

    /// <summary>Some of the request failed. Each failure was printed with its reason.</summary>
    public const int Incomplete = 1;

    /// <summary>EX_USAGE: the command line is invalid.</summary>
    public const int Usage = 64;

    /// <summary>EX_UNAVAILABLE: ClickHouse or Pub/Sub is unavailable. The same command can be repeated later.</summary>
    public const int Unavailable = 69;

    /// <summary>Stopped by Ctrl+C or SIGTERM, as by shell convention.</summary>
    public const int Interrupted = 130;
}

/// <summary>A command failed. The message has the reason and what to do.</summary>
/// <param name="message">Ends with a full stop.</param>
/// <param name="status">Exit status of the command.</param>
internal sealed class ReplayException(string message, int status = ReplayStatus.Incomplete) : Exception(message)
{
    /// <summary>See <see cref="ReplayStatus"/>.</summary>
    public int Status { get; } = status;
}
