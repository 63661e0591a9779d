using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using SegOps.Contracts;
using SegOps.Gateway.Keys;
using SegOps.Gateway.Proxy;
using SegOps.InternalApi;
using SegOps.ServiceDefaults.Configuration;
using SegOps.ServiceDefaults.Http;
using SegOps.ServiceDefaults.Redis;
using Yarp.ReverseProxy.Transforms;

namespace SegOps.Gateway.Limits;

/// <summary>Plans and their limits: what is added before building, and where requests meet them.</summary>
internal static class LimitExtensions
{
    /// <summary>Adds the plans and the limiter.</summary>
    internal static WebApplicationBuilder AddLimits(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddValidatedOptions<PlansOptions, PlansValidator>(PlansOptions.Section);
        services.AddValidatedOptions<LimitOptions>(LimitOptions.Section);
        services.AddSingleton<Plans>();
        services.AddSingleton<LimitMetrics>();
        services.AddSingleton<CallLimiter>();
        return builder;
    }

    /// <summary>Counts each call that is about to be forwarded, refuses it when a limit is used up, and says in its answer what is left.</summary>
    internal static void UseLimits(this IApplicationBuilder pipeline)
    {
        var limiter = pipeline.ApplicationServices.GetRequiredService<CallLimiter>();
        var metrics = pipeline.ApplicationServices.GetRequiredService<LimitMetrics>();
        pipeline.Use(async (context, next) =>
        {
            if (!context.TakesKey())
            {
                await next(context);
                return;
            }

            var grant = context.Features.GetRequiredFeature<KeyGrant>();
            var ingestion = context.GetReverseProxyFeature().Cluster.Config.ClusterId == Routes.Ingestion;
            var bucket = ingestion ? grant.Environment : CallBuckets.Monitoring;
            var decision = await limiter.TakeAsync(grant, bucket, context.Features.GetRequiredFeature<RedisDeadline>(), context.RequestAborted);
            context.Features.Set(decision);
            // Only when the answer starts: the exception handler clears headers, and the service may yet say more about the month.
            context.Response.OnStarting(() =>
            {
                RateLimitHeaders.Write(context.Response.Headers, decision);
                return Task.CompletedTask;
            });

            var refusal = !decision.Allowed ? ErrorCodes.RateLimited
                : ingestion && decision.EventsLeft == 0 ? ErrorCodes.QuotaExceeded
                : null;
            metrics.Decided(refusal, decision.Source);
            await (refusal switch
            {
                null => next(context),
                ErrorCodes.RateLimited => RefuseAsync(context, decision),
                _ => QuotaProblem.WriteAsync(context, remaining: 0, decision.UntilReset),
            });
        });
    }

    /// <summary>Takes over what Ingestion says of the month after it has counted the request's events.</summary>
    internal static ValueTask ReadMonthUsed(ResponseTransformContext context)
    {
        if (context.ProxyResponse is { } answer
            && answer.Headers.NonValidated.TryGetValues(InternalHeaders.MonthUsed, out var values)
            && long.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var used)
            && context.HttpContext.Features.Get<CallDecision>() is { } decision)
            decision.MonthUsed = used;
        return ValueTask.CompletedTask;
    }

    private static Task RefuseAsync(HttpContext context, CallDecision decision) => Problems.WriteAsync(
        context,
        ErrorCodes.RateLimited,
        string.Create(CultureInfo.InvariantCulture, $"The project may make {decision.Limit} calls within 60 seconds. Wait as Retry-After says, or send more events with each call."),
        decision.Wait);
}
