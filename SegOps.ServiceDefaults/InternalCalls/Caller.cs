using Microsoft.AspNetCore.Http;
using SegOps.Contracts;

namespace SegOps.ServiceDefaults.InternalCalls;

/// <summary>On whose behalf the gateway calls; bound from its headers, which only <c>UseInternalCallsOnly</c> makes trustworthy.</summary>
/// <param name="ProjectId">The project that the API key belongs to.</param>
/// <param name="Environment"><see cref="Environments.Live"/> or <see cref="Environments.Test"/>.</param>
public sealed record Caller(string ProjectId, string Environment)
{
    /// <summary>Binds a handler's parameter; a call without the headers is a 400, for the gateway always sets them.</summary>
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
