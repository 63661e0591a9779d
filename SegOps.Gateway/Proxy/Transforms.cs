using System.Globalization;
using System.Net.Mime;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using SegOps.Contracts;
using SegOps.Gateway.Http;
using SegOps.Gateway.Keys;
using SegOps.Gateway.Limits;
using SegOps.InternalApi;
using SegOps.ServiceDefaults.Redis;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace SegOps.Gateway.Proxy;

/// <summary>Transforms of forwarded requests and of their answers.</summary>
internal static class Transforms
{
    /// <summary>Adds all transforms.</summary>
    internal static void Add(TransformBuilderContext transforms)
    {
        var secret = transforms.Services.GetRequiredService<IOptions<InternalCallOptions>>();
        transforms.AddRequestTransform(request =>
        {
            RemoveForgeableHeaders(request);
            NameBeaconsType(request);
            AddInternalHeaders(request, secret.Value.Secret);
            return ValueTask.CompletedTask;
        });
        transforms.AddResponseTransform(static response =>
        {
            RemoveInternalHeaders(response);
            ReadQuotaUsed(response);
            EndStreamAtShutdown(response);
            return ValueTask.CompletedTask;
        });
        transforms.AddXForwarded(ForwardedTransformActions.Set);
    }

    /// <summary>Removes the API key and every header by which a client could claim another identity.</summary>
    private static void RemoveForgeableHeaders(RequestTransformContext request)
    {
        foreach (var (name, _) in request.HttpContext.Request.Headers)
            if (ClientHeaders.MustNotPass(name))
                request.ProxyRequest.Headers.Remove(name);
    }

    /// <summary>
    /// Names the JSON of <c>navigator.sendBeacon</c>, which can send neither a header nor another type than text/plain without a preflight.
    /// A publishable key in the query marks such a request.
    /// </summary>
    private static void NameBeaconsType(RequestTransformContext request)
    {
        var features = request.HttpContext.Features;
        if (features.Get<UrlKey>() is not null && features.Get<KeyGrant>() is not null
            && request.ProxyRequest.Content?.Headers.ContentType is { } type
            && string.Equals(type.MediaType, MediaTypeNames.Text.Plain, StringComparison.OrdinalIgnoreCase))
            type.MediaType = MediaTypeNames.Application.Json;
    }

    /// <summary>Adds the project, its limits and the internal secret to a request with a key.</summary>
    private static void AddInternalHeaders(RequestTransformContext request, string secret)
    {
        if (request.HttpContext.Features.Get<KeyGrant>() is not { } grant)
            return;

        var headers = request.ProxyRequest.Headers;
        headers.TryAddWithoutValidation(InternalHeaders.Secret, secret);
        headers.TryAddWithoutValidation(InternalHeaders.Project, grant.ProjectId);
        headers.TryAddWithoutValidation(InternalHeaders.Environment, grant.Environment);
        headers.TryAddWithoutValidation(InternalHeaders.Plan, grant.Plan);
        headers.TryAddWithoutValidation(InternalHeaders.CallsPerMinute, Text(grant.Limits.CallsPerMinute));
        if (grant.Limits.EventsPerMonth is { } events)
            headers.TryAddWithoutValidation(InternalHeaders.EventsPerMonth, Text(events));
        if (request.HttpContext.Features.Get<CallDecision>()?.Windows is { IsDaily: true, Quota: { } tests })
            headers.TryAddWithoutValidation(InternalHeaders.TestEventsPerDay, Text(tests));
        var deadline = request.HttpContext.Features.GetRequiredFeature<RedisDeadline>();
        headers.TryAddWithoutValidation(InternalHeaders.RedisBudget, Text(long.Max(0, (long)deadline.Left.TotalMilliseconds)));
    }

    /// <summary>Removes internal headers and the Server header from the answer.</summary>
    private static void RemoveInternalHeaders(ResponseTransformContext response)
    {
        if (response.ProxyResponse is not { } answer)
            return;

        var headers = response.HttpContext.Response.Headers;
        foreach (var (name, _) in answer.Headers.NonValidated)
            if (ClientHeaders.IsInternal(name))
                headers.Remove(name);
        headers.Remove(HeaderNames.Server);
    }

    /// <summary>Updates the quota by Ingestion's answer, which has counted the request's events.</summary>
    private static void ReadQuotaUsed(ResponseTransformContext response)
    {
        if (response.ProxyResponse is { } answer
            && answer.Headers.NonValidated.TryGetValues(InternalHeaders.QuotaUsed, out var values)
            && long.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var used)
            && response.HttpContext.Features.Get<CallDecision>() is { } decision)
            decision.QuotaUsed = used;
    }

    /// <summary>Closes event streams at shutdown, which would otherwise wait for them. Their clients reconnect.</summary>
    private static void EndStreamAtShutdown(ResponseTransformContext response)
    {
        var http = response.HttpContext;
        if (response.ProxyResponse?.Content.Headers.ContentType?.MediaType == MediaTypeNames.Text.EventStream)
            http.Response.RegisterForDispose(http.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(http.Abort));
    }

    private static string Text(long figure) => figure.ToString(CultureInfo.InvariantCulture);
}
