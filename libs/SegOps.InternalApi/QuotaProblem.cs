using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Http;

namespace SegOps.InternalApi;

/// <summary>The problem <see cref="ErrorCodes.QuotaExceeded"/>, which the gateway and Ingestion both answer with.</summary>
public sealed class QuotaProblem : Problem
{
    /// <summary>How many more events the month takes.</summary>
    public required long Remaining { get; init; }

    /// <summary>Id of the request; null when the gateway refused it, because Ingestion assigns the id.</summary>
    public Guid? RequestId { get; init; }

    /// <summary>Writes the answer.</summary>
    /// <param name="context">The request.</param>
    /// <param name="remaining">See <see cref="Remaining"/>.</param>
    /// <param name="untilReset">Time until the next calendar month (UTC): the Retry-After.</param>
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
