using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.Gateway.Http;
using SegOps.Gateway.Keys;
using SegOps.InternalApi;
using SegOps.ServiceDefaults.Redis;
using Yarp.ReverseProxy.Transforms;

namespace SegOps.Gateway.Proxy;

/// <summary>
/// Decides what the services behind learn of a request: nothing that a client could have made up about who it is, not the key, and
/// instead what the gateway found out itself.
/// </summary>
internal sealed class RequestHeaders(IOptions<InternalCallOptions> internalCalls) : RequestTransform
{
    /// <inheritdoc/>
    public override ValueTask ApplyAsync(RequestTransformContext context)
    {
        var headers = context.ProxyRequest.Headers;
        foreach (var (name, _) in context.HttpContext.Request.Headers)
            if (ClientHeaders.MustNotPass(name))
                headers.Remove(name);
        if (!context.HttpContext.TakesKey())
            return ValueTask.CompletedTask;

        var grant = context.HttpContext.Features.GetRequiredFeature<KeyGrant>();
        headers.TryAddWithoutValidation(InternalHeaders.Secret, internalCalls.Value.Secret);
        headers.TryAddWithoutValidation(InternalHeaders.Project, grant.ProjectId);
        headers.TryAddWithoutValidation(InternalHeaders.Environment, grant.Environment);
        headers.TryAddWithoutValidation(InternalHeaders.Plan, grant.Plan);
        headers.TryAddWithoutValidation(InternalHeaders.CallsPerMinute, Text(grant.Limits.CallsPerMinute));
        if (grant.Limits.EventsPerMonth is { } events)
            headers.TryAddWithoutValidation(InternalHeaders.EventsPerMonth, Text(events));
        var budget = context.HttpContext.Features.GetRequiredFeature<RedisDeadline>();
        headers.TryAddWithoutValidation(InternalHeaders.RedisBudget, Text(long.Max(0, (long)budget.Left.TotalMilliseconds)));
        return ValueTask.CompletedTask;
    }

    private static string Text(long figure) => figure.ToString(CultureInfo.InvariantCulture);
}
