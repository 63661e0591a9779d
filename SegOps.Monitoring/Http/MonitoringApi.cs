using SegOps.InternalApi;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Http;
using SegOps.ServiceDefaults.Redis;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Http;

/// <summary>The prefixes of Monitoring's endpoints, and their error answers.</summary>
internal static class MonitoringApi
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    internal static RouteGroupBuilder MapMonitoringApi(this IEndpointRouteBuilder endpoints) => AnswerFailures(
        endpoints.MapGroup("/api/monitoring"), ErrorCodes.UsageUnavailable, "Calls and events are still counted. Retry shortly.");

    /// <summary>The status of single events, below Ingestion's prefix.</summary>
    internal static RouteGroupBuilder MapEventApi(this IEndpointRouteBuilder endpoints) => AnswerFailures(
        endpoints.MapGroup("/api/ingestion/events"), ErrorCodes.ReceiptUnavailable,
        "The event is not stored, and Redis did not answer whether it is in flight. Retry shortly.");

    private static RouteGroupBuilder AnswerFailures(RouteGroupBuilder api, string redisUnavailable, string detail)
    {
        api.AddEndpointFilter(async (context, next) =>
        {
            try
            {
                return await next(context);
            }
            catch (InvalidParameterException invalid)
            {
                await Problems.WriteAsync(context.HttpContext, ErrorCodes.InvalidParameter, invalid.Message);
            }
            catch (WarehouseUnavailableException unavailable)
            {
                await Problems.WriteAsync(context.HttpContext, ErrorCodes.WarehouseUnavailable, unavailable.Message, RetryAfter);
            }
            catch (RedisUnavailableException)
            {
                await Problems.WriteAsync(context.HttpContext, redisUnavailable, detail, RetryAfter);
            }
            return Results.Empty;
        });
        return api;
    }
}
