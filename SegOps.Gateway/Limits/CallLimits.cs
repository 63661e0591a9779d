using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.Gateway.Http;
using SegOps.Gateway.Keys;
using SegOps.Gateway.Plans;
using SegOps.Gateway.Telemetry;
using SegOps.InternalApi;
using SegOps.ServiceDefaults.Configuration;
using SegOps.ServiceDefaults.Http;
using SegOps.ServiceDefaults.Redis;

namespace SegOps.Gateway.Limits;

/// <summary>The limits of plans and of publishable keys: calls a minute and events a month.</summary>
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

    /// <summary>
    /// Counts each call with a key, refuses it above a limit, and adds the RateLimit headers. A call that a publishable key may not make is
    /// refused and not counted, so that pages of other origins use up nothing.
    /// </summary>
    /// <param name="app">The pipeline.</param>
    /// <param name="sendsEvents">Whether a call sends events and counts against the plan. Other calls have a separate window.</param>
    /// <param name="takesPublishableKeys">Whether a call takes a publishable key.</param>
    internal static IApplicationBuilder UseCallLimits(
        this IApplicationBuilder app, Func<HttpContext, bool> sendsEvents, Func<HttpContext, bool> takesPublishableKeys)
    {
        var options = app.ApplicationServices.GetRequiredService<IOptions<LimitOptions>>().Value;
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
            var forbidden = grant.Publishable?.Refuse(context.Request, takesPublishableKeys(context));
            var windows = CallWindows.Of(grant, ingestion, ClientAddress.Of(context), options);
            var decision = await limiter.TakeAsync(
                windows, counts: forbidden is null, context.Features.GetRequiredFeature<RedisDeadline>(), context.RequestAborted);
            context.Features.Set(decision);
            // Set when the answer starts, because the exception handler clears headers and Ingestion's answer updates the month.
            context.Response.OnStarting(() =>
            {
                decision.WriteHeaders(context.Response.Headers);
                return Task.CompletedTask;
            });

            var refusal = forbidden
                ?? (!decision.Allowed ? ErrorCodes.RateLimited
                : ingestion && decision.EventsLeft == 0 ? ErrorCodes.QuotaExceeded
                : null);
            telemetry.Limited(refusal, decision.Source);
            await (refusal switch
            {
                null => next(context),
                ErrorCodes.RateLimited => RefuseAsync(context, decision),
                ErrorCodes.QuotaExceeded => QuotaProblem.WriteAsync(context, remaining: 0, decision.UntilReset, windows.IsDaily),
                _ => Problems.WriteAsync(context, refusal, PublishableGrant.AdviceFor(refusal)),
            });
        });
    }

    private static Task RefuseAsync(HttpContext context, CallDecision decision) => Problems.WriteAsync(
        context,
        ErrorCodes.RateLimited,
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Limited(decision)} is limited to {decision.Window.Limit} calls within 60 seconds. Retry after Retry-After, or send more events per call."),
        decision.Wait);

    private static string Limited(CallDecision decision) =>
        decision.Windows.Ceiling is not { } ceiling ? "The project"
        : decision.Window == ceiling ? "This key, from all addresses together,"
        : "This key from one address";
}

/// <summary>Configuration section <c>Limits</c>: limits that do not depend on the plan.</summary>
internal sealed class LimitOptions
{
    internal const string Section = "Limits";

    /// <summary>Maximum monitoring calls of a project within 60 seconds, beside the plan's calls. Default 600, enough for a few pages.</summary>
    [Range(1, PlanOptions.MostCallsPerMinute, ErrorMessage = "Limits:MonitoringCallsPerMinute must be from 1 to 1000000.")]
    public int MonitoringCallsPerMinute { get; set; } = 600;

    /// <summary>
    /// Maximum events of a project's test keys within a day (UTC), on every plan. Default 100,000: enough for tests, and too few to use a test key
    /// for free.
    /// </summary>
    [Range(1L, long.MaxValue, ErrorMessage = "Limits:TestEventsPerDay must be at least 1.")]
    public long TestEventsPerDay { get; set; } = 100_000;

    /// <summary>
    /// Maximum calls with a publishable key within 60 seconds from one IPv4 address or IPv6 /64 network, where the key has no limit of its own.
    /// Default 120: enough for some devices behind one address.
    /// </summary>
    [Range(1, PublishableGrant.MostCallsPerMinutePerAddress, ErrorMessage = "Limits:PublishableCallsPerMinutePerAddress must be from 1 to 6000.")]
    public int PublishableCallsPerMinutePerAddress { get; set; } = 120;

    /// <summary>
    /// Maximum calls with a publishable key within 60 seconds from all addresses together, as a multiple of the plan's calls. It is never above
    /// 1,000,000 calls. Default 20.
    /// </summary>
    [Range(1, 1_000, ErrorMessage = "Limits:PublishableCeilingFactor must be from 1 to 1000.")]
    public int PublishableCeilingFactor { get; set; } = 20;

    /// <summary>
    /// Maximum windows in memory for outages of Redis, one per project and kind of call; the least used are evicted. As many windows of addresses
    /// are held besides. Default 50,000.
    /// </summary>
    [Range(1, 10_000_000, ErrorMessage = "Limits:LocalWindows must be from 1 to 10000000.")]
    public int LocalWindows { get; set; } = 50_000;
}
