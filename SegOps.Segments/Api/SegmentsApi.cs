using SegOps.Contracts;
using SegOps.InternalApi;
using SegOps.Segments.Membership;
using SegOps.ServiceDefaults.Http;
using SegOps.ServiceDefaults.Redis;
using SegOps.Warehouse;

namespace SegOps.Segments.Api;

/// <summary>The prefix of the endpoints, and their error answers.</summary>
internal static class SegmentsApi
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    /// <summary>Maps the group, whose answers are never cached.</summary>
    internal static RouteGroupBuilder MapSegmentsApi(this IEndpointRouteBuilder endpoints)
    {
        var api = endpoints.MapGroup("/api/segments");
        api.AddEndpointFilter(async (context, next) =>
        {
            var http = context.HttpContext;
            http.Response.Headers.CacheControl = "no-store";
            try
            {
                return await next(context);
            }
            catch (InvalidRuleException invalid)
            {
                await InvalidRuleProblem.WriteAsync(http, invalid);
            }
            catch (SegmentFault fault)
            {
                await Problems.WriteAsync(http, fault.Code, fault.Message, fault.RetryAfter);
            }
            catch (InvalidParameterException invalid)
            {
                await Problems.WriteAsync(http, ErrorCodes.InvalidParameter, invalid.Message);
            }
            catch (CursorExpiredException expired) when (!http.Response.HasStarted)
            {
                await Problems.WriteAsync(http, ErrorCodes.CursorExpired, expired.Message + " Read all members again, then the changes after a new cursor.");
            }
            catch (WarehouseUnavailableException unavailable) when (!http.Response.HasStarted)
            {
                await Problems.WriteAsync(http, ErrorCodes.WarehouseUnavailable, unavailable.Message, RetryAfter);
            }
            catch (RedisUnavailableException) when (!http.Response.HasStarted)
            {
                await Problems.WriteAsync(
                    http, ErrorCodes.SegmentsUnavailable, "The segments could not be read, or a change may not be saved. Read them again, then retry.", RetryAfter);
            }
            return Results.Empty;
        });
        return api;
    }
}
