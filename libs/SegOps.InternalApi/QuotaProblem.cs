using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Http;

namespace SegOps.InternalApi;

/// <summary>The problem <see cref="ErrorCodes.QuotaExceeded"/> of the gateway and of Ingestion.</summary>
public sealed class QuotaProblem : Problem
{
    /// <summary>The number of events left in the month, or of test events left in the day.</summary>
    public required long Remaining { get; init; }

    /// <summary>Id of the request; null if the gateway refused it, because Ingestion assigns the id.</summary>
    public Guid? RequestId { get; init; }

    /// <summary>Writes the answer.</summary>
    /// <param name="context">The request.</param>
    /// <param name="remaining">See <see cref="Remaining"/>.</param>
    /// <param name="untilReset">Time until the next calendar month or day (UTC), for Retry-After.</param>
    /// <param name="isDaily">Whether the quota is that of test events of the day.</param>
    /// <param name="requestId">See <see cref="RequestId"/>.</param>
    public static Task WriteAsync(HttpContext context, long remaining, TimeSpan untilReset, bool isDaily, Guid? requestId = null)
    {
        context.Response.Headers.RetryAfter = ((long)Math.Ceiling(untilReset.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return Problems.WriteAsync(context, new QuotaProblem
        {
            Type = ErrorCatalog.TypeBase + ErrorCodes.QuotaExceeded,
            Title = ErrorCatalog.TitleOf(ErrorCodes.QuotaExceeded),
            Status = ErrorCatalog.StatusOf(ErrorCodes.QuotaExceeded),
            Detail = (remaining > 0, isDaily) switch
            {
                (true, true) => $"Nothing was accepted: {remaining} test events are left today (UTC). Send fewer, or wait for the next day.",
                (true, false) => $"Nothing was accepted: {remaining} events are left this month (UTC). Send fewer, wait for the next month, or change the plan.",
                (false, true) => "Nothing was accepted: the day's test events are used up. Wait for the next day (UTC).",
                (false, false) => "Nothing was accepted. Wait for the next month (UTC), or change the plan.",
            },
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
