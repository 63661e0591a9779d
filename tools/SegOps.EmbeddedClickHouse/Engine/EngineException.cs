using System.Globalization;
using System.Text.RegularExpressions;

namespace SegOps.EmbeddedClickHouse.Engine;

/// <summary>An error in ClickHouse's form: <c>Code: N. DB::Exception: ...</c>.</summary>
internal sealed partial class EngineException : Exception
{
    /// <summary>An error of the engine. The code is parsed from the text.</summary>
    public EngineException(string text)
        : base(CodePattern().IsMatch(text) ? text : $"Code: {ErrorCode.UnknownException}. DB::Exception: {text}") =>
        Code = int.Parse(CodePattern().Match(Message).Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>An error of the HTTP interface, in clickhouse-server's form.</summary>
    public EngineException(int code, string name, string text)
        : base($"Code: {code}. DB::Exception: {text} ({name})") => Code = code;

    /// <summary>ClickHouse's error code.</summary>
    public int Code { get; }

    [GeneratedRegex(@"\ACode: (\d{1,9})\.")]
    private static partial Regex CodePattern();
}

/// <summary>ClickHouse's error codes that the HTTP interface raises (src/Common/ErrorCodes.cpp).</summary>
internal static class ErrorCode
{
    public const int CannotReadAllData = 33;
    public const int BadArguments = 36;
    public const int NotImplemented = 48;
    public const int SyntaxError = 62;
    public const int Readonly = 164;
    public const int QueryWithSameIdIsAlreadyRunning = 216;
    public const int UnknownSetting = 115;
    public const int InvalidSessionTimeout = 374;
    public const int SessionNotFound = 372;
    public const int SessionIsLocked = 373;
    public const int IntoOutfileNotAllowed = 358;
    public const int QueryWasCancelled = 394;
    public const int AuthenticationFailed = 516;
    public const int UnknownTypeOfQuery = 78;
    public const int UnknownException = 1002;
}
