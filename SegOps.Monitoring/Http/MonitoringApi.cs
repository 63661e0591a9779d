using SegOps.Contracts;
using SegOps.ServiceDefaults.Http;
using SegOps.ServiceDefaults.Redis;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Http;

/// <summary>What Monitoring's endpoints share: their prefixes and how their failures are answered.</summary>
internal static class MonitoringApi
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    internal static RouteGroupBuilder MapMonitoringApi(this IEndpointRouteBuilder endpoints) => AnswerFailures(
        endpoints.MapGroup("/api/monitoring"), ErrorCodes.UsageUnavailable, "Calls and events go on being counted: try again shortly.");

    /// <summary>What is told of single events, which lies below Ingestion's prefix.</summary>
    internal static RouteGroupBuilder MapEventApi(this IEndpointRouteBuilder endpoints) => AnswerFailures(
        endpoints.MapGroup("/api/ingestion/events"), ErrorCodes.ReceiptUnavailable,
        "The event is not stored, and whether it is on its way cannot be told at the moment: try again shortly.");

    private static RouteGroupBuilder AnswerFailures(RouteGroupBuilder api, string redisAway, string detail)
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
                await Problems.WriteAsync(context.HttpContext, redisAway, detail, RetryAfter);
            }
            return Results.Empty;
        });
        return api;
    }
}
