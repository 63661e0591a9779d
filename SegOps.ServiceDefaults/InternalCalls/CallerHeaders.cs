using System.Globalization;
using Microsoft.AspNetCore.Http;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Redis;

namespace SegOps.ServiceDefaults.InternalCalls;

/// <summary>What else the gateway says of a call, beside its <see cref="Caller"/>.</summary>
public static class CallerHeaders
{
    /// <summary>A whole number of <see cref="InternalHeaders"/>; null when it is absent.</summary>
    public static long? Figure(this IHeaderDictionary headers, string name) =>
        long.TryParse(headers[name], NumberStyles.None, CultureInfo.InvariantCulture, out var figure) ? figure : null;

    /// <summary>What the request may still wait for Redis.</summary>
    public static RedisBudget RedisBudget(this IHeaderDictionary headers, RedisConnection redis) =>
        redis.NewBudget(headers.Figure(InternalHeaders.RedisBudget) is { } left ? TimeSpan.FromMilliseconds(left) : null);
}
