using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Http;
using SegOps.ServiceDefaults.Redis;

namespace SegOps.Gateway.Admin;

/// <summary>A project. The two limits are set only if they override those of the plan.</summary>
internal sealed record ProjectAnswer(string Id, string? Name, string? Plan, DateTimeOffset? CreatedAt, long? CallsPerMinute, long? EventsPerMonth);

/// <summary>Projects in the order of creation.</summary>
/// <param name="Projects">A page of projects.</param>
/// <param name="NextCursor">The cursor of the next page; null on the last page.</param>
internal sealed record ProjectsAnswer(IReadOnlyList<ProjectAnswer> Projects, string? NextCursor);

/// <summary>
/// A key. Only the answer to its creation contains its text, <paramref name="Key"/>. Only a publishable key can have
/// <paramref name="AllowedOrigins"/> and <paramref name="CallsPerMinutePerAddress"/>.
/// </summary>
internal sealed record KeyAnswer(
    string Id, string? Key, string? Prefix, string Kind, string? Environment, string? Name, string State,
    IReadOnlyList<string>? AllowedOrigins, long? CallsPerMinutePerAddress,
    DateTimeOffset? CreatedAt, DateTimeOffset? LastUsedAt, DateTimeOffset? RevokedAt);

/// <summary>A project's keys, oldest first.</summary>
internal sealed record KeysAnswer(IReadOnlyList<KeyAnswer> Keys);

/// <summary>Serialisation of the admin API's answers.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProjectAnswer))]
[JsonSerializable(typeof(ProjectsAnswer))]
[JsonSerializable(typeof(KeyAnswer))]
[JsonSerializable(typeof(KeysAnswer))]
internal sealed partial class AdminJson : JsonSerializerContext;

/// <summary>An admin request failed. The message is for the administrator.</summary>
internal sealed class AdminFault(string code, string message) : Exception(message)
{
    private string Code => code;

    /// <summary>Endpoint filter: converts errors to problem details and forbids caching.</summary>
    internal static async ValueTask<object?> AnswerAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        var context = call.HttpContext;
        context.Response.Headers.CacheControl = "no-store";
        try
        {
            return await next(call);
        }
        catch (AdminFault fault)
        {
            await Problems.WriteAsync(context, fault.Code, fault.Message);
        }
        catch (RedisUnavailableException)
        {
            await Problems.WriteAsync(context, ErrorCodes.AuthenticationUnavailable,
                "Redis did not answer. The change may have been applied: check before you retry.", TimeSpan.FromSeconds(1));
        }
        return EmptyHttpResult.Instance;
    }
}
