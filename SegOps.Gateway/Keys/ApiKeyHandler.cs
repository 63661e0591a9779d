using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.Gateway.Telemetry;
using SegOps.ServiceDefaults.Http;
using SegOps.ServiceDefaults.Redis;

namespace SegOps.Gateway.Keys;

/// <summary>
/// Authenticates the key of <see cref="Credentials"/>. It sets two features on a request with a valid key: its <see cref="KeyGrant"/> and its
/// <see cref="RedisDeadline"/>.
/// </summary>
internal sealed class ApiKeyHandler(
    KeyCache keys, AuthenticationFailureLimiter failures, RedisConnection redis, GatewayTelemetry telemetry, TimeProvider clock,
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    /// <summary>Name of the scheme in ASP.NET Core and in the header WWW-Authenticate.</summary>
    internal new const string Scheme = "ApiKey";

    /// <summary>Value of the header WWW-Authenticate. Clients on Swift's Foundation for Linux crash on a scheme without a parameter.</summary>
    internal const string Challenge = $"{Scheme} realm=\"SegOps\"";

    /// <summary>Name of the authorization policy: a valid API key.</summary>
    internal const string Policy = "ApiKey";

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private string? _refusal;
    private string? _advice;
    private FailureCount? _failures;

    /// <inheritdoc/>
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        // The policy also covers routes that allow anonymous requests. Their keys are neither checked nor counted.
        if (Context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            return AuthenticateResult.NoResult();

        KeyGrant? grant = null;
        try
        {
            (grant, _refusal) = await CheckAsync();
            if (grant is null && _failures is null)
                _failures = failures.Count(Context.Connection);
            if (_failures?.RetryAfter is not null)
                _refusal = ErrorCodes.TooManyFailures;
        }
        catch (RedisUnavailableException)
        {
            _refusal = ErrorCodes.AuthenticationUnavailable;
        }
        telemetry.Authenticated(_refusal);
        if (grant is null)
            return AuthenticateResult.NoResult();

        Context.Features.Set(grant);
        return grant.Success;
    }

    /// <inheritdoc/>
    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        await HandleAuthenticateOnceSafeAsync();
        var refusal = _refusal ?? ErrorCodes.MissingApiKey;
        if (refusal == ErrorCodes.AuthenticationUnavailable)
        {
            await Problems.WriteAsync(Context, refusal, "The key store did not answer, or lost its keys. Nothing was accepted. Retry after Retry-After.", RetryAfter);
            return;
        }

        if (_failures is { } count)
            failures.WriteHeaders(Response.Headers, count);
        if (refusal != ErrorCodes.TooManyFailures)
            Response.Headers.WWWAuthenticate = Challenge;
        await Problems.WriteAsync(Context, refusal, AdviceFor(refusal), _failures?.RetryAfter);
    }

    private async ValueTask<(KeyGrant? Grant, string? Refusal)> CheckAsync()
    {
        var credentials = Credentials.Of(Context);
        _advice = credentials.Advice;
        if (credentials.Key is null)
            return (null, ErrorCodes.MissingApiKey);
        if (!ApiKey.TryParse(credentials.Key, out var key))
            return (null, ErrorCodes.InvalidApiKey);
        if (!keys.Holds(key) && (_failures = failures.RefuseLookup(Context.Connection)) is not null)
            return (null, ErrorCodes.TooManyFailures);

        var deadline = redis.NewDeadline();
        Context.Features.Set(deadline);
        var grant = await keys.FindAsync(key, deadline, Context.RequestAborted);
        return grant is null ? (null, ErrorCodes.InvalidApiKey)
            : grant.IsValidAt(clock.GetUtcNow()) ? (grant, null)
            : (null, ErrorCodes.RevokedApiKey);
    }

    private string AdviceFor(string refusal) => refusal switch
    {
        ErrorCodes.MissingApiKey or ErrorCodes.InvalidApiKey when _advice is not null => _advice,
        ErrorCodes.MissingApiKey => Credentials.Send,
        ErrorCodes.RevokedApiKey => "This key was revoked. Use another key of your project, or create a new one.",
        ErrorCodes.TooManyFailures => "Too many requests from this address had no valid key. Recently used keys still work. Correct the key and retry after Retry-After.",
        _ => "Check that the key is complete, from sk_ or pk_ to its last character, and that it still exists.",
    };
}
