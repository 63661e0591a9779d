namespace SegOps.Cli.Replay;

/// <summary>Where a command reads and writes: results on <paramref name="Out"/>, progress and reasons on <paramref name="Error"/>.</summary>
/// <param name="In">What <c>--row -</c> reads.</param>
/// <param name="Out">Results.</param>
/// <param name="OutBytes">The same for results that need not be text.</param>
/// <param name="Error">Progress, and what went wrong.</param>
/// <param name="IsInteractive">Whether a person sees <paramref name="Error"/>, so that a line may be overwritten.</param>
internal sealed record ReplayConsole(Func<Stream> In, TextWriter Out, Func<Stream> OutBytes, TextWriter Error, bool IsInteractive)
{
    /// <summary>This process's own streams.</summary>
    public static ReplayConsole OfProcess() => new(Console.OpenStandardInput, Console.Out, Console.OpenStandardOutput, Console.Error, !Console.IsErrorRedirected);
}

/// <summary>The exit status of a command. Numbers above 1 are those of sysexits.h.</summary>
internal static class ReplayStatus
{
    /// <summary>All that was asked for is done.</summary>
    public const int Done = 0;

    /// <summary>Some of it could not be done. Each failure is named with its reason.</summary>
    public const int Incomplete = 1;

    /// <summary>EX_USAGE: the command line cannot be understood.</summary>
    public const int Usage = 64;

    /// <summary>EX_UNAVAILABLE: ClickHouse or Pub/Sub does not work. The same command continues later.</summary>
    public const int Unavailable = 69;

    /// <summary>Stopped by Ctrl+C or SIGTERM, by the convention of shells.</summary>
    public const int Interrupted = 130;
}

/// <summary>A command cannot be done. The message says why and what to do.</summary>
/// <param name="message">Ends with a full stop.</param>
/// <param name="status">How the command ends.</param>
internal sealed class ReplayException(string message, int status = ReplayStatus.Incomplete) : Exception(message)
{
    /// <summary>See <see cref="ReplayStatus"/>.</summary>
    public int Status { get; } = status;
}
