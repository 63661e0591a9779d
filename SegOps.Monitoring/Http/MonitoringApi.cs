using SegOps.Contracts;
using SegOps.Monitoring.Warehouse;
using SegOps.ServiceDefaults.Http;
using SegOps.ServiceDefaults.Redis;

namespace SegOps.Monitoring.Http;

/// <summary>What all of Monitoring's endpoints share: their prefix and how their failures are answered.</summary>
internal static class MonitoringApi
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    internal static RouteGroupBuilder MapMonitoringApi(this IEndpointRouteBuilder endpoints)
    {
        var api = endpoints.MapGroup("/api/monitoring");
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
                await Problems.WriteAsync(context.HttpContext, ErrorCodes.UsageUnavailable, "Calls and events go on being counted: try again shortly.", RetryAfter);
            }
            return Results.Empty;
        });
        return api;
    }
}
