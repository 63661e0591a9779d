using System.Globalization;
using System.Text.Json;
using CommunityToolkit.HighPerformance.Buffers;
using SegOps.Contracts;
using SegOps.Ingestion.Audit;
using SegOps.Ingestion.Bodies;
using SegOps.Ingestion.Parsing;
using SegOps.Ingestion.Publishing;
using SegOps.Ingestion.Quota;
using SegOps.Ingestion.Requests;
using SegOps.Ingestion.Telemetry;
using SegOps.InternalApi;
using SegOps.PubSub.Publishing;
using SegOps.ServiceDefaults.Http;

namespace SegOps.Ingestion.Track;

/// <summary>Handles a request: reads the body, validates the events, reserves quota, publishes the valid events, and reports each result.</summary>
internal sealed class TrackHandler(
    BodyMemory memory, EventQuota quota, EventPublisher publisher, InFlightIds inFlight, RejectionQueue rejections, EventAudit audit,
    IngestionTelemetry telemetry, TimeProvider time)
{
    /// <summary>Retry-After of a 503: long enough for short outages and against a retry storm in long ones.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    /// <summary>Answers <paramref name="context"/>.</summary>
    public async Task HandleAsync(HttpContext context, Caller caller, bool isBatch)
    {
        using var held = memory.Begin();
        var (metadata, (request, error)) = await ReadAsync(context, caller, isBatch, held);
        using var parsed = request;

        if (parsed is null)
        {
            await RefuseAsync(context, metadata, error!);
        }
        else if (parsed.Accepted == 0)
        {
            Report(parsed);
            await AnswerInvalidAsync(context, parsed);
        }
        else
        {
            await ReserveAndPublishAsync(context, parsed, isBatch);
        }
    }

    /// <summary>Reads and parses the body.</summary>
    private async Task<(RequestMetadata Metadata, ParseResult Result)> ReadAsync(HttpContext context, Caller caller, bool isBatch, BodyMemory.Share held)
    {
        var arrivedAt = time.GetUtcNow();
        using var body = new ArrayPoolBufferWriter<byte>(initialCapacity: 16 * 1024);
        var limit = isBatch ? EventLimits.MaxBatchBodyBytes : EventLimits.MaxSingleBodyBytes;
        var error = RequestBody.CheckFormat(context) ?? await RequestBody.ReadAsync(context.Request, limit, body, held);

        var readAt = time.GetUtcNow();
        var receivedAt = readAt - arrivedAt > EventLimits.ClockTolerance ? readAt : arrivedAt;
        var metadata = new RequestMetadata(caller.ProjectId, caller.Environment, Guid.CreateVersion7(receivedAt), receivedAt) { ArrivedAt = arrivedAt };
        if (error is not null)
            return (metadata, new(null, error));

        var started = time.GetTimestamp();
        var result = TrackParser.Parse(body.WrittenSpan, metadata, isBatch);
        telemetry.Parsed(metadata, time.GetElapsedTime(started));
        return (metadata, result);
    }

    private async Task ReserveAndPublishAsync(HttpContext context, ParsedRequest parsed, bool isBatch)
    {
        // Before quota is reserved: the same request would never fit.
        var (message, tooLarge) = publisher.Compose(parsed);
        if (tooLarge is not null)
        {
            RefuseValid(parsed, tooLarge);
            await Problems.WriteAsync(context, tooLarge.Code, tooLarge.Detail);
            return;
        }

        // A disconnected client sends its events again. After the events are handed to Pub/Sub, the request must be completed.
        context.RequestAborted.ThrowIfCancellationRequested();
        var reservation = await quota.ReserveAsync(parsed.Metadata, parsed.Accepted, context.Request.Headers);
        if (reservation.Used is { } used)
            context.Response.Headers[InternalHeaders.QuotaUsed] = used.ToString(CultureInfo.InvariantCulture);
        if (!reservation.Granted)
        {
            await RefuseOverQuotaAsync(context, parsed, reservation);
            return;
        }

        var published = false;
        try
        {
            context.RequestAborted.ThrowIfCancellationRequested();
            published = await PublishAsync(context, parsed, message);
        }
        finally
        {
            if (!published)
                quota.GiveBack(reservation);
        }

        if (published)
            await AnswerAcceptedAsync(context, parsed, isBatch);
    }

    /// <summary>Publishes; answers 503 if that fails.</summary>
    private async Task<bool> PublishAsync(HttpContext context, ParsedRequest parsed, OutgoingMessage message)
    {
        try
        {
            var publishing = publisher.PublishAsync(parsed, message);
            inFlight.Store(parsed.Metadata, parsed.EventIds, publishing);
            await publishing;
        }
        catch (PublishException exception)
        {
            telemetry.NotPublished(parsed, exception);
            context.Response.Headers.Remove(InternalHeaders.QuotaUsed);
            await Problems.WriteAsync(context, ErrorCodes.StreamUnavailable, "Nothing was accepted. Retry after Retry-After.", RetryAfter);
            return false;
        }

        Report(parsed);
        return true;
    }

    /// <summary>Counts the accepted and refused events, and queues the errors and warnings. The result is final.</summary>
    private void Report(ParsedRequest parsed)
    {
        audit.Answered(parsed);
        telemetry.Answered(parsed);
        rejections.Add(Rejection.Of(parsed));
    }

    private Task RefuseAsync(HttpContext context, RequestMetadata metadata, RequestError error)
    {
        telemetry.Refused(metadata, error);

        // Overload is not the client's error. The same request can succeed later.
        if (error.Code == ErrorCodes.Overloaded)
            return Problems.WriteAsync(context, error.Code, error.Detail, RetryAfter);

        audit.Refused(metadata);
        rejections.Add(Rejection.Of(metadata, error));
        return Problems.WriteAsync(context, error.Code, error.Detail);
    }

    private Task RefuseOverQuotaAsync(HttpContext context, ParsedRequest parsed, Reservation reservation)
    {
        var isDaily = reservation.Usage.IsDaily;
        var limit = context.Request.Headers.Figure(isDaily ? InternalHeaders.TestEventsPerDay : InternalHeaders.EventsPerMonth)!.Value;
        RefuseValid(parsed, new(
            ErrorCodes.QuotaExceeded, $"The request's valid events exceed the rest of {(isDaily ? "the day's quota of test events" : "the month's quota")}."));
        return QuotaProblem.WriteAsync(
            context, Math.Max(0, limit - reservation.Used!.Value), reservation.UntilReset, isDaily, parsed.Metadata.RequestId);
    }

    /// <summary>Counts and reports the valid events as refused by <paramref name="error"/>, and the others by their own.</summary>
    private void RefuseValid(ParsedRequest parsed, RequestError error)
    {
        audit.Refused(parsed.Metadata, parsed);
        telemetry.RefusedValid(parsed, error);
        rejections.Add(Rejection.Of(parsed, error));
    }

    private static Task AnswerAcceptedAsync(HttpContext context, ParsedRequest parsed, bool isBatch)
    {
        var returnsIds = !isBatch || PrefersRepresentation(context.Request.Headers["Prefer"]);
        if (returnsIds && isBatch)
            context.Response.Headers["Preference-Applied"] = "return=representation";

        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(context.Response.Body, new TrackAnswer
        {
            RequestId = parsed.Metadata.RequestId,
            Accepted = parsed.Accepted,
            Rejected = parsed.Rejected,
            EventIds = returnsIds ? parsed.EventIds : null,
            Errors = parsed.Errors,
            Warnings = parsed.Warnings,
        }, TrackJson.Default.TrackAnswer, context.RequestAborted);
    }

    private static Task AnswerInvalidAsync(HttpContext context, ParsedRequest parsed) => Problems.WriteAsync(context, new ValidationProblem
    {
        Type = ErrorCatalog.TypeBase + ErrorCodes.ValidationFailed,
        Title = ErrorCatalog.TitleOf(ErrorCodes.ValidationFailed),
        Status = ErrorCatalog.StatusOf(ErrorCodes.ValidationFailed),
        Detail = "Nothing was accepted. Correct the entries in errors.",
        Code = ErrorCodes.ValidationFailed,
        TraceId = Problems.TraceId(context),
        RequestId = parsed.Metadata.RequestId,
        Errors = parsed.Errors,
    }, TrackJson.Default.ValidationProblem);

    private static bool PrefersRepresentation(IEnumerable<string?> prefer) => prefer
        .SelectMany(value => value?.Split(',', StringSplitOptions.TrimEntries) ?? [])
        .Any(preference => preference.Equals("return=representation", StringComparison.OrdinalIgnoreCase));
}

/// <summary>The endpoints that take events.</summary>
internal static class TrackEndpoints
{
    /// <summary>Maps both endpoints. Routing also takes a trailing slash.</summary>
    public static IEndpointRouteBuilder MapTrack(this IEndpointRouteBuilder endpoints)
    {
        var track = endpoints.MapGroup("/api/ingestion/track");
        track.MapPost("/", (HttpContext context, Caller caller, TrackHandler handler) => handler.HandleAsync(context, caller, isBatch: false));
        track.MapPost("/batch", (HttpContext context, Caller caller, TrackHandler handler) => handler.HandleAsync(context, caller, isBatch: true));
        return endpoints;
    }
}
