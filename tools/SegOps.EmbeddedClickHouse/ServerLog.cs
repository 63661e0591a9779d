namespace SegOps.EmbeddedClickHouse;

internal static partial class ServerLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "ClickHouse {Version} (embedded) listens on {Address}. Data: {Path}.")]
    public static partial void LogListening(this ILogger logger, string version, string address, string path);
}
