using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using SegOps.Contracts;

namespace SegOps.ServiceDefaults.Http;

/// <summary>The problem <see cref="ErrorCodes.QuotaExceeded"/>: what is left of the month.</summary>
public sealed class QuotaProblem : Problem
{
    /// <summary>How many more events the month takes.</summary>
    public required long Remaining { get; init; }

    /// <summary>Names the request as elsewhere; null when the gateway refused it, before it had an id.</summary>
    public Guid? RequestId { get; init; }

    /// <summary>Answers with it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="remaining">See <see cref="Remaining"/>.</param>
    /// <param name="untilReset">Until the next calendar month (UTC): the Retry-After.</param>
    /// <param name="requestId">See <see cref="RequestId"/>.</param>
    public static Task WriteAsync(HttpContext context, long remaining, TimeSpan untilReset, Guid? requestId = null)
    {
        context.Response.Headers.RetryAfter = ((long)Math.Ceiling(untilReset.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return Problems.WriteAsync(context, new QuotaProblem
        {
            Type = ErrorCatalog.TypeBase + ErrorCodes.QuotaExceeded,
            Title = ErrorCatalog.TitleOf(ErrorCodes.QuotaExceeded),
            Status = ErrorCatalog.StatusOf(ErrorCodes.QuotaExceeded),
            Detail = remaining > 0
                ? $"Nothing was accepted: the month has room for {remaining} more events. Send fewer, wait for the next month (UTC), or change the plan."
                : "Nothing was accepted: wait for the next month (UTC), or change the plan.",
            Code = ErrorCodes.QuotaExceeded,
            TraceId = Problems.TraceId(context),
            Remaining = remaining,
            RequestId = requestId,
        }, QuotaProblemJson.Default.QuotaProblem);
    }
}

/// <summary>Serialisation of <see cref="QuotaProblem"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(QuotaProblem))]
internal sealed partial class QuotaProblemJson : JsonSerializerContext;
