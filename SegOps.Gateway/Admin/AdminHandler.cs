using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.Gateway.Http;
using SegOps.Gateway.RateLimiting;
using SegOps.ServiceDefaults.Http;

namespace SegOps.Gateway.Admin;

/// <summary>Authenticates administrators by <c>Authorization: Bearer</c> and <see cref="AdminOptions.Token"/>.</summary>
internal sealed class AdminHandler(
    AdminLimiter limiter, IOptions<AdminOptions> admin, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    /// <summary>Name of the scheme in ASP.NET Core.</summary>
    internal new const string Scheme = "Admin";

    /// <summary>Name of the authorization policy: the admin token.</summary>
    internal const string Policy = "Admin";

    /// <summary>Name of the scheme in the header; case-insensitive.</summary>
    private const string Bearer = "Bearer";

    private string _refusal = ErrorCodes.InvalidAdminToken;
    private TimeSpan? _wait;

    /// <inheritdoc/>
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (HasPublishableKey())
            return RefuseAsync(ErrorCodes.KeyCannotRead); // No guess at the token.

        // The right token is never refused for the failures of its address, which can be that of a proxy. So the limit only bounds the work that
        // guesses cause: a token of 32 random characters cannot be guessed.
        if (!HasToken())
            return RefuseAsync((_wait = limiter.Failures.Add(ClientAddress.Of(Context))) is null ? ErrorCodes.InvalidAdminToken : ErrorCodes.TooManyFailures);
        if ((_wait = limiter.Calls.Add(Scheme)) is not null)
            return RefuseAsync(ErrorCodes.RateLimited);

        var administrator = new ClaimsPrincipal(new ClaimsIdentity(Scheme));
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(administrator, Scheme)));
    }

    /// <inheritdoc/>
    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        await HandleAuthenticateOnceSafeAsync();
        Response.Headers.CacheControl = "no-store";
        if (_refusal == ErrorCodes.InvalidAdminToken)
            Response.Headers.WWWAuthenticate = $"{Bearer} realm=\"SegOps admin\"";
        await Problems.WriteAsync(Context, _refusal, AdviceFor(_refusal), _wait);
    }

    private Task<AuthenticateResult> RefuseAsync(string refusal)
    {
        _refusal = refusal;
        return Task.FromResult(AuthenticateResult.NoResult());
    }

    /// <summary>Whether a publishable key takes the place of the token, in whatever scheme. It need not exist.</summary>
    private bool HasPublishableKey()
    {
        var header = Request.Headers.Authorization.ToString();
        return ApiKey.TryParse(header[(header.IndexOf(' ', StringComparison.Ordinal) + 1)..].Trim(), out var key) && key.Kind == ApiKeyKind.Publishable;
    }

    /// <summary>Compares hashes in fixed time, so that the time reveals neither the token nor its length.</summary>
    private bool HasToken()
    {
        var header = Request.Headers.Authorization.ToString();
        return header.StartsWith(Bearer + " ", StringComparison.OrdinalIgnoreCase)
            && admin.Value.Token is { Length: > 0 } token
            && CryptographicOperations.FixedTimeEquals(HashOf(header[(Bearer.Length + 1)..].Trim()), HashOf(token));
    }

    private static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private static string AdviceFor(string refusal) => refusal switch
    {
        ErrorCodes.TooManyFailures => "Too many wrong admin tokens came from this address. The right token still works.",
        ErrorCodes.KeyCannotRead => "Publishable keys (pk_live_, pk_test_) only send events. Send the header 'Authorization: Bearer ...' with the gateway's Admin:Token.",
        ErrorCodes.RateLimited => "The admin API's limit of calls per minute is reached.",
        _ => "Send the header 'Authorization: Bearer ...' with the gateway's Admin:Token.",
    };
}

/// <summary>Counts wrong tokens per address, and the calls of all administrators together.</summary>
internal sealed class AdminLimiter(IOptions<AdminOptions> options, TimeProvider clock)
{
    internal SlidingWindowCounter<IPAddress> Failures { get; } = new(options.Value.FailuresPerMinute, clock);

    internal SlidingWindowCounter<string> Calls { get; } = new(options.Value.CallsPerMinute, clock);
}

/// <summary>Configuration section <c>Admin</c>: the API that manages projects and keys.</summary>
internal sealed class AdminOptions
{
    internal const string Section = "Admin";

    /// <summary>The token of administrators: at least 32 characters. Default: none; the API is disabled.</summary>
    [MinLength(32, ErrorMessage = "Admin:Token must have at least 32 characters. Without it, the admin API is disabled.")]
    public string? Token { get; set; }

    /// <summary>Maximum calls per minute of all administrators together. Default 60.</summary>
    [Range(1, 100_000, ErrorMessage = "Admin:CallsPerMinute must be from 1 to 100000.")]
    public int CallsPerMinute { get; set; } = 60;

    /// <summary>Maximum wrong tokens per minute from one address. Above it, wrong ones are answered 429. Default 5.</summary>
    [Range(1, 1_000, ErrorMessage = "Admin:FailuresPerMinute must be from 1 to 1000.")]
    public int FailuresPerMinute { get; set; } = 5;
}
