using System.Globalization;
using System.Text.Json;
using SegOps.Contracts;
using SegOps.Ingestion.Ledger;
using SegOps.Ingestion.Publishing;
using SegOps.Ingestion.Quota;
using SegOps.Ingestion.Telemetry;
using SegOps.InternalApi;
using SegOps.PubSub;
using SegOps.ServiceDefaults.Http;

namespace SegOps.Ingestion.Track;

/// <summary>Answers one request: reads the body, validates the events, publishes the valid ones, and says what became of each.</summary>
internal sealed class TrackHandler(
    BodyMemory memory, EventPublisher publisher, MonthQuota quota, RejectionQueue rejections, ReceivedCounts received, IngestionTelemetry telemetry,
    TimeProvider time)
{
    /// <summary>What a client is told to wait after a 503: short outages are over by then, and long ones do not cause a storm.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    /// <summary>Answers <paramref name="context"/>.</summary>
    public async Task HandleAsync(HttpContext context, Caller caller, TrackKind kind)
    {
        var receivedAt = time.GetUtcNow();
        var stamp = new RequestStamp(caller.ProjectId, caller.Environment, Guid.CreateVersion7(receivedAt), receivedAt);
        using var held = memory.Begin();
        using var parsed = await ParseAsync(context, stamp, kind, held);

        if (parsed.Refusal is { } refusal)
        {
            var ours = refusal.Code == ErrorCodes.Overloaded;
            telemetry.Refused(stamp, refusal);
            if (!ours)
            {
                received.Refused(stamp);
                rejections.Add(Rejection.Of(stamp, refusal));
            }
            await Problems.WriteAsync(context, refusal.Code, refusal.Detail, ours ? RetryAfter : null);
        }
        else if (parsed.Accepted == 0)
        {
            Settle(parsed);
            await AnswerInvalidAsync(context, parsed);
        }
        else
        {
            await ReserveAndPublishAsync(context, parsed, kind);
        }
    }

    private async Task ReserveAndPublishAsync(HttpContext context, ParsedRequest parsed, TrackKind kind)
    {
        // A client that has gone away will send its events again. What was handed to the stream, however, is seen through.
        context.RequestAborted.ThrowIfCancellationRequested();
        var reservation = await quota.ReserveAsync(parsed.Stamp, parsed.Accepted, context.Request.Headers);
        if (reservation.Used is { } used)
            context.Response.Headers[InternalHeaders.MonthUsed] = used.ToString(CultureInfo.InvariantCulture);
        if (!reservation.Granted)
        {
            await RefuseOverQuotaAsync(context, parsed, reservation);
            return;
        }

        var published = false;
        try
        {
            context.RequestAborted.ThrowIfCancellationRequested();
            published = await PublishAsync(context, parsed);
        }
        finally
        {
            if (!published)
                quota.GiveBack(parsed.Stamp.ProjectId, reservation);
        }

        if (published)
            await AnswerAcceptedAsync(context, parsed, kind);
    }

    private async Task<ParsedRequest> ParseAsync(HttpContext context, RequestStamp stamp, TrackKind kind, BodyMemory.Share held)
    {
        using var body = new PooledBuffer(initialCapacity: 16 * 1024);
        var refusal = BodyFormat.Check(context) ?? await RequestBody.ReadAsync(context.Request, kind.MaxBodyBytes, body, held);
        if (refusal is not null)
            return ParsedRequest.Refused(stamp, refusal);

        var started = time.GetTimestamp();
        var parsed = TrackParser.Parse(body.Written, stamp, kind.IsBatch);
        telemetry.Parsed(stamp, time.GetElapsedTime(started));
        return parsed;
    }

    /// <summary>Publishes, or answers that it could not.</summary>
    private async Task<bool> PublishAsync(HttpContext context, ParsedRequest parsed)
    {
        try
        {
            await publisher.PublishAsync(parsed);
        }
        catch (PublishException exception)
        {
            telemetry.NotPublished(parsed, exception);
            context.Response.Headers.Remove(InternalHeaders.MonthUsed);
            await Problems.WriteAsync(context, ErrorCodes.StreamUnavailable, "Send the same request again after Retry-After.", RetryAfter);
            return false;
        }

        Settle(parsed);
        return true;
    }

    /// <summary>It is settled what became of each event.</summary>
    private void Settle(ParsedRequest parsed)
    {
        received.Answered(parsed);
        telemetry.Settled(parsed);
        rejections.Add(Rejection.Of(parsed));
    }

    private Task RefuseOverQuotaAsync(HttpContext context, ParsedRequest parsed, Reservation reservation)
    {
        var limit = long.Parse(context.Request.Headers[InternalHeaders.EventsPerMonth].ToString(), CultureInfo.InvariantCulture);
        var refusal = new TrackRefusal(ErrorCodes.QuotaExceeded, "The valid events of the request did not fit what was left of the month's quota.");
        received.Refused(parsed.Stamp, parsed);
        telemetry.OverQuota(parsed, refusal);
        rejections.Add(Rejection.Of(parsed, refusal));
        return QuotaProblem.WriteAsync(context, Math.Max(0, limit - reservation.Used!.Value), reservation.UntilReset, parsed.Stamp.RequestId);
    }

    private static Task AnswerAcceptedAsync(HttpContext context, ParsedRequest parsed, TrackKind kind)
    {
        var returnsIds = !kind.IsBatch || PrefersRepresentation(context.Request.Headers["Prefer"]);
        if (returnsIds && kind.IsBatch)
            context.Response.Headers["Preference-Applied"] = "return=representation";

        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(context.Response.Body, new TrackAnswer
        {
            RequestId = parsed.Stamp.RequestId,
            Accepted = parsed.Accepted,
            Rejected = parsed.Rejected,
            EventIds = returnsIds ? parsed.EventIds : null,
            Errors = parsed.Faults,
            Warnings = parsed.Warnings.Listed,
        }, TrackJson.Default.TrackAnswer, context.RequestAborted);
    }

    private static Task AnswerInvalidAsync(HttpContext context, ParsedRequest parsed) => Problems.WriteAsync(context, new ValidationProblem
    {
        Type = ErrorCatalog.TypeBase + ErrorCodes.ValidationFailed,
        Title = ErrorCatalog.TitleOf(ErrorCodes.ValidationFailed),
        Status = ErrorCatalog.StatusOf(ErrorCodes.ValidationFailed),
        Detail = "Nothing was accepted; errors says what to mend.",
        Code = ErrorCodes.ValidationFailed,
        TraceId = Problems.TraceId(context),
        RequestId = parsed.Stamp.RequestId,
        Errors = parsed.Faults,
    }, TrackJson.Default.ValidationProblem);

    private static bool PrefersRepresentation(IEnumerable<string?> prefer) => prefer
        .SelectMany(value => value?.Split(',', StringSplitOptions.TrimEntries) ?? [])
        .Any(preference => preference.Equals("return=representation", StringComparison.OrdinalIgnoreCase));
}
