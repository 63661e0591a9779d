using Microsoft.Extensions.Logging;

namespace SegOps.Client.Reporting;

/// <summary>Every line that the client logs: ids, counts and codes, never what an event holds, a key or the text of an exception.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Dropped event {EventId}: {Reason} (status {Status}, code {Code}). Left out since the last such line: {Omitted}")]
    public static partial void Dropped(this ILogger logger, Guid eventId, DropReason reason, int? status, string? code, long omitted);

    [LoggerMessage(2, LogLevel.Warning, "Warning {Code} for event {EventId}. Left out since the last such line: {Omitted}")]
    public static partial void Warned(this ILogger logger, string? code, Guid? eventId, long omitted);

    [LoggerMessage(3, LogLevel.Error, "Holding all events ({Kind}): status {Status}, code {Code}. One event is tried from time to time")]
    public static partial void Holding(this ILogger logger, ClientErrorKind kind, int status, string? code);

    [LoggerMessage(4, LogLevel.Information, "Sending works again")]
    public static partial void Resumed(this ILogger logger);

    [LoggerMessage(5, LogLevel.Warning, "Sending {Count} events failed ({Cause}); the next attempt follows in {Seconds} s. Left out since the last such line: {Omitted}")]
    public static partial void Retrying(this ILogger logger, int count, string cause, double seconds, long omitted);

    [LoggerMessage(6, LogLevel.Debug, "Sent {Count} events, of which {Rejected} were rejected. Left out since the last such line: {Omitted}")]
    public static partial void Sent(this ILogger logger, int count, int rejected, long omitted);

    [LoggerMessage(7, LogLevel.Error, "The callback {Callback} threw {ExceptionType}. Left out since the last such line: {Omitted}")]
    public static partial void CallbackThrew(this ILogger logger, string callback, string exceptionType, long omitted);

    [LoggerMessage(8, LogLevel.Error, "The sender met {ExceptionType} and goes on. Left out since the last such line: {Omitted}")]
    public static partial void SenderThrew(this ILogger logger, string exceptionType, long omitted);
}
