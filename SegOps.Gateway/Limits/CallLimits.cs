using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using SegOps.Contracts;
using SegOps.Gateway.Keys;
using SegOps.Gateway.Plans;
using SegOps.Gateway.Telemetry;
using SegOps.InternalApi;
using SegOps.ServiceDefaults.Configuration;
using SegOps.ServiceDefaults.Http;
using SegOps.ServiceDefaults.Redis;

namespace SegOps.Gateway.Limits;

/// <summary>The limits of plans: calls a minute and events a month.</summary>
internal static class CallLimits
{
    /// <summary>Adds the plans and the limiter.</summary>
    internal static WebApplicationBuilder AddLimits(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddValidatedOptions<PlansOptions, PlansValidator>(PlansOptions.Section);
        services.AddValidatedOptions<LimitOptions>(LimitOptions.Section);
        services.AddSingleton<PlanCatalog>();
        services.AddSingleton<CallLimiter>();
        return builder;
    }

    /// <summary>Counts each call with a key, refuses it above a limit, and adds the RateLimit headers.</summary>
    /// <param name="app">The pipeline.</param>
    /// <param name="sendsEvents">Whether a call sends events and counts against the plan. Other calls have a separate window.</param>
    internal static IApplicationBuilder UseCallLimits(this IApplicationBuilder app, Func<HttpContext, bool> sendsEvents)
    {
        var limiter = app.ApplicationServices.GetRequiredService<CallLimiter>();
        var telemetry = app.ApplicationServices.GetRequiredService<GatewayTelemetry>();
        return app.Use(async (context, next) =>
        {
            if (context.Features.Get<KeyGrant>() is not { } grant)
            {
                await next(context); // Routes without a key are not limited.
                return;
            }

            var ingestion = sendsEvents(context);
            var bucket = ingestion ? grant.Environment : CallBuckets.Monitoring;
            var decision = await limiter.TakeAsync(grant, bucket, context.Features.GetRequiredFeature<RedisDeadline>(), context.RequestAborted);
            context.Features.Set(decision);
            // Set when the answer starts, because the exception handler clears headers and Ingestion's answer updates the month.
            context.Response.OnStarting(() =>
            {
                decision.WriteHeaders(context.Response.Headers);
                return Task.CompletedTask;
            });

            var refusal = !decision.Allowed ? ErrorCodes.RateLimited
                : ingestion && decision.EventsLeft == 0 ? ErrorCodes.QuotaExceeded
                : null;
            telemetry.Limited(refusal, decision.Source);
            await (refusal switch
            {
                null => next(context),
                ErrorCodes.RateLimited => RefuseAsync(context, decision),
                _ => QuotaProblem.WriteAsync(context, remaining: 0, decision.UntilReset),
            });
        });
    }

    private static Task RefuseAsync(HttpContext context, CallDecision decision) => Problems.WriteAsync(
        context,
        ErrorCodes.RateLimited,
        string.Create(CultureInfo.InvariantCulture, $"The project is limited to {decision.Limit} calls within 60 seconds. Retry after Retry-After, or send more events per call."),
        decision.Wait);
}

/// <summary>Configuration section <c>Limits</c>: limits that do not depend on the plan.</summary>
internal sealed class LimitOptions
{
    internal const string Section = "Limits";

    /// <summary>Maximum monitoring calls of a project within 60 seconds, beside the plan's calls. Default 600, enough for a few pages.</summary>
    [Range(1, PlanOptions.MostCallsPerMinute, ErrorMessage = "Limits:MonitoringCallsPerMinute must be from 1 to 1000000.")]
    public int MonitoringCallsPerMinute { get; set; } = 600;

    /// <summary>Maximum windows in memory for outages of Redis, one per project and bucket; the least used are evicted. Default 50,000.</summary>
    [Range(1, 10_000_000, ErrorMessage = "Limits:LocalWindows must be from 1 to 10000000.")]
    public int LocalWindows { get; set; } = 50_000;
}
