using System.Globalization;
using Microsoft.AspNetCore.Http;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Redis;

namespace SegOps.InternalApi;

/// <summary>The project of a request, from the gateway's headers. Trust it only behind <c>UseInternalCallsOnly</c>.</summary>
/// <param name="ProjectId">The project of the API key.</param>
/// <param name="Environment"><see cref="Environments.Live"/> or <see cref="Environments.Test"/>.</param>
public sealed record Caller(string ProjectId, string Environment)
{
    /// <summary>Binds a handler's parameter. A request without the headers is answered 400, because the gateway always sets them.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context) => ValueTask.FromResult(From(context.Request.Headers));

    /// <summary>Reads the gateway's headers; null if one is absent.</summary>
    public static Caller? From(IHeaderDictionary headers)
    {
        string? project = headers[InternalHeaders.Project], environment = headers[InternalHeaders.Environment];
        return string.IsNullOrEmpty(project) || environment is not (Environments.Live or Environments.Test)
            ? null
            : new Caller(project, environment);
    }
}

/// <summary>Reads the gateway's other headers.</summary>
public static class CallerHeaders
{
    /// <summary>Reads an integer from the header <paramref name="name"/>, one of <see cref="InternalHeaders"/>; null if absent.</summary>
    public static long? Figure(this IHeaderDictionary headers, string name) =>
        long.TryParse(headers[name], NumberStyles.None, CultureInfo.InvariantCulture, out var figure) ? figure : null;

    /// <summary>The rest of the request's Redis deadline.</summary>
    public static RedisDeadline RedisDeadline(this IHeaderDictionary headers, RedisConnection redis) =>
        redis.NewDeadline(headers.Figure(InternalHeaders.RedisBudget) is { } left ? TimeSpan.FromMilliseconds(left) : null);
}
