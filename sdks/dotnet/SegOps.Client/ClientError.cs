namespace SegOps.Client;

/// <summary>Why a client has stopped sending.</summary>
public enum ClientErrorKind
{
    /// <summary>The key, the URL or something between client and server is wrong: 401, 403, 404, 405 or a redirect.</summary>
    Configuration,

    /// <summary>The plan's events of the month, or the day's of a test key, are used up.</summary>
    Quota,
}

/// <summary>
/// The client holds its events, because sending them makes no sense until somebody acts. It tries one event from time to time and goes on
/// by itself when that succeeds. Reported once, not for each try.
/// </summary>
public sealed class ClientError
{
    /// <summary>What is wrong.</summary>
    public ClientErrorKind Kind { get; init; }

    /// <summary>The HTTP status of the answer.</summary>
    public int Status { get; init; }

    /// <summary>The server's error code, such as <c>invalid_api_key</c>. Null if the answer has none.</summary>
    public string? Code { get; init; }

    /// <summary>What happened and what the client does now, for people.</summary>
    public string Message { get; init; } = "";
}
