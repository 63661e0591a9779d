using System.Security.Cryptography;
using System.Text;
using SegOps.EmbeddedClickHouse.Engine;

namespace SegOps.EmbeddedClickHouse.Http;

/// <summary>The only user.</summary>
/// <param name="User">CLICKHOUSE_USER. Default: <c>default</c>.</param>
/// <param name="Password">CLICKHOUSE_PASSWORD. Default: empty.</param>
internal sealed record Credentials(string User, string Password)
{
    /// <summary>Reads the environment variables of the official image.</summary>
    public static Credentials FromEnvironment() => new(
        Environment.GetEnvironmentVariable("CLICKHOUSE_USER") is { Length: > 0 } user ? user : "default",
        Environment.GetEnvironmentVariable("CLICKHOUSE_PASSWORD") ?? "");
}

/// <summary>Checks the user and password in the three places that clickhouse-server accepts.</summary>
internal sealed class Authentication(Credentials expected)
{
    /// <summary>Checks the credentials of a call.</summary>
    /// <exception cref="EngineException">516 AUTHENTICATION_FAILED.</exception>
    public void Check(HttpRequest request, QueryRequest query)
    {
        var (user, password) = Given(request, query);
        if (!(FixedTimeEquals(user, expected.User) & FixedTimeEquals(password, expected.Password)))
            throw Failed($"{user}: Authentication failed: password is incorrect, or there is no user with such name.");
    }

    private static (string User, string Password) Given(HttpRequest request, QueryRequest query)
    {
        string user = request.Headers["X-ClickHouse-User"].ToString(), key = request.Headers["X-ClickHouse-Key"].ToString();
        var authorization = request.Headers.Authorization.ToString();
        var hasFields = query.Field("user") is not null || query.Field("password") is not null;
        var schemes = (user.Length + key.Length > 0 ? 1 : 0) + (authorization.Length > 0 ? 1 : 0) + (hasFields ? 1 : 0);
        if (schemes > 1)
            throw Failed("Invalid authentication: it is not allowed to use different authentication methods simultaneously");
        if (user.Length + key.Length > 0)
            return (user.Length > 0 ? user : "default", key);
        return authorization.Length > 0 ? Basic(authorization) : (query.Field("user") ?? "default", query.Field("password") ?? "");
    }

    private static (string User, string Password) Basic(string authorization)
    {
        if (!authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
            throw Failed("Invalid authentication: this HTTP Authorization scheme is not supported");

        var bytes = new byte[authorization.Length];
        if (!Convert.TryFromBase64String(authorization[6..].Trim(), bytes, out var length))
            throw Failed("Invalid authentication: the credentials are not Base64");

        var text = Encoding.UTF8.GetString(bytes, 0, length);
        return text.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? (text[..colon], text[(colon + 1)..]) : (text, "");
    }

    private static bool FixedTimeEquals(string given, string expected) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(expected)));

    private static EngineException Failed(string text) => new(ErrorCode.AuthenticationFailed, "AUTHENTICATION_FAILED", text);
}
