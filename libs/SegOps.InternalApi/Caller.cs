using System.Globalization;
using Microsoft.AspNetCore.Http;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Redis;

namespace SegOps.InternalApi;

/// <summary>The project that a request belongs to, from the gateway's headers. Only <c>UseInternalCallsOnly</c> makes them trustworthy.</summary>
/// <param name="ProjectId">The project of the API key.</param>
/// <param name="Environment"><see cref="Environments.Live"/> or <see cref="Environments.Test"/>.</param>
public sealed record Caller(string ProjectId, string Environment)
{
    /// <summary>Binds a handler's parameter. A request without the headers is a 400, because the gateway always sets them.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context) => ValueTask.FromResult(From(context.Request.Headers));

    /// <summary>Reads the gateway's headers; null when one is absent.</summary>
    public static Caller? From(IHeaderDictionary headers)
    {
        string? project = headers[InternalHeaders.Project], environment = headers[InternalHeaders.Environment];
        return string.IsNullOrEmpty(project) || environment is not (Environments.Live or Environments.Test)
            ? null
            : new Caller(project, environment);
    }
}

/// <summary>The gateway's other headers about a request.</summary>
public static class CallerHeaders
{
    /// <summary>Reads a whole number from the header <paramref name="name"/>, one of <see cref="InternalHeaders"/>; null when it is absent.</summary>
    public static long? Figure(this IHeaderDictionary headers, string name) =>
        long.TryParse(headers[name], NumberStyles.None, CultureInfo.InvariantCulture, out var figure) ? figure : null;

    /// <summary>How long the request may still wait for Redis: what the gateway left of its deadline.</summary>
    public static RedisDeadline RedisDeadline(this IHeaderDictionary headers, RedisConnection redis) =>
        redis.NewDeadline(headers.Figure(InternalHeaders.RedisBudget) is { } left ? TimeSpan.FromMilliseconds(left) : null);
}
