using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using SegOps.Contracts;
using SegOps.Gateway.Keys;
using SegOps.ServiceDefaults.InternalCalls;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Transforms;

namespace SegOps.Gateway.Proxy;

/// <summary>
/// Decides what the services behind learn of a request: nothing that a client could have made up about who it is, not the key, and
/// instead what the gateway found out itself.
/// </summary>
internal sealed class RequestHeaders(IOptions<InternalCallOptions> internalCalls) : RequestTransform
{
    private const string ForwardedPrefix = "X-Forwarded-";

    /// <inheritdoc/>
    public override ValueTask ApplyAsync(RequestTransformContext context)
    {
        var headers = context.ProxyRequest.Headers;
        foreach (var (name, _) in context.HttpContext.Request.Headers)
            if (MustNotPass(name))
                headers.Remove(name);

        var grant = context.HttpContext.Features.GetRequiredFeature<KeyGrant>();
        headers.TryAddWithoutValidation(InternalHeaders.Secret, internalCalls.Value.Secret);
        headers.TryAddWithoutValidation(InternalHeaders.Project, grant.ProjectId);
        headers.TryAddWithoutValidation(InternalHeaders.Environment, grant.Environment);
        headers.TryAddWithoutValidation(InternalHeaders.Plan, grant.Plan);
        return ValueTask.CompletedTask;
    }

    private static bool MustNotPass(string name) =>
        name.StartsWith(InternalHeaders.Prefix, StringComparison.OrdinalIgnoreCase)
        || name.StartsWith(ForwardedPrefix, StringComparison.OrdinalIgnoreCase)
        || name.Equals(HeaderNames.Authorization, StringComparison.OrdinalIgnoreCase)
        || name.Equals("Forwarded", StringComparison.OrdinalIgnoreCase);
}
