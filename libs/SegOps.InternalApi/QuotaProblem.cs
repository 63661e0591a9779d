using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Http;

namespace SegOps.InternalApi;

/// <summary>The problem <see cref="ErrorCodes.QuotaExceeded"/> of the gateway and of Ingestion.</summary>
public sealed class QuotaProblem : Problem
{
    /// <summary>The number of events left in the month.</summary>
    public required long Remaining { get; init; }

    /// <summary>Id of the request; null if the gateway refused it, because Ingestion assigns the id.</summary>
    public Guid? RequestId { get; init; }

    /// <summary>Writes the answer.</summary>
    /// <param name="context">The request.</param>
    /// <param name="remaining">See <see cref="Remaining"/>.</param>
    /// <param name="untilReset">Time until the next calendar month (UTC), for Retry-After.</param>
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
                ? $"Nothing was accepted: {remaining} events are left this month (UTC). Send fewer, wait for the next month, or change the plan."
                : "Nothing was accepted. Wait for the next month (UTC), or change the plan.",
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
