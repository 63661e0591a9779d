using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using SegOps.Gateway.Limits;

namespace SegOps.Gateway.Keys;

/// <summary>What a key gives access to, with the ticket that every request of the key shares.</summary>
internal sealed class KeyGrant
{
    internal KeyGrant(string projectId, string environment, string plan, ProjectLimits limits, DateTimeOffset? revokedAt)
    {
        ProjectId = projectId;
        Environment = environment;
        Plan = plan;
        Limits = limits;
        RevokedAt = revokedAt;
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, projectId)], ApiKeyHandler.Scheme);
        Success = AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), ApiKeyHandler.Scheme));
    }

    /// <summary>The project that the key belongs to.</summary>
    internal string ProjectId { get; }

    /// <summary>Live or test, as the key itself says.</summary>
    internal string Environment { get; }

    /// <summary>The project's plan in lower case.</summary>
    internal string Plan { get; }

    /// <summary>What the project may use.</summary>
    internal ProjectLimits Limits { get; }

    /// <summary>From when on the key is refused; may lie ahead.</summary>
    internal DateTimeOffset? RevokedAt { get; }

    /// <summary>Whether the key is not revoked, or not yet.</summary>
    internal bool IsValidAt(DateTimeOffset now) => !(RevokedAt <= now);

    /// <summary>The result of authenticating with this key while it is valid.</summary>
    internal AuthenticateResult Success { get; }
}
