using System.Collections.Frozen;

namespace SegOps.Contracts;

/// <summary>The HTTP status and title of each of the <see cref="ErrorCodes"/>.</summary>
public static class ErrorCatalog
{
    /// <summary>The <c>type</c> of a problem is this URL followed by the code.</summary>
    public const string TypeBase = "https://segops.ai/errors/";

    private static readonly FrozenDictionary<string, Entry> Entries = new Dictionary<string, Entry>
    {
        [ErrorCodes.MalformedJson] = new(400, "The body is not the JSON that this endpoint expects."),
        [ErrorCodes.BatchEmpty] = new(400, "The batch holds no event."),
        [ErrorCodes.BatchTooLarge] = new(400, "The batch holds too many events."),
        [ErrorCodes.ValidationFailed] = new(400, "No event of the request is valid."),
        [ErrorCodes.BadRequest] = new(400, "The HTTP request is malformed."),
        [ErrorCodes.SecretKeyInUrl] = new(400, "A secret key must not be part of a URL."),
        [ErrorCodes.InvalidParameter] = new(400, "A parameter is not valid."),
        [ErrorCodes.InvalidRule] = new(400, "The rule of the segment is not valid."),
        [ErrorCodes.MissingApiKey] = new(401, "An API key is required."),
        [ErrorCodes.InvalidApiKey] = new(401, "The API key is not valid."),
        [ErrorCodes.RevokedApiKey] = new(401, "The API key was revoked."),
        [ErrorCodes.InvalidAdminToken] = new(401, "The admin token is not valid."),
        [ErrorCodes.InternalOnly] = new(403, "This service is internal."),
        [ErrorCodes.KeyCannotRead] = new(403, "This key can only send events."),
        [ErrorCodes.OriginNotAllowed] = new(403, "The key does not allow pages of this origin."),
        [ErrorCodes.NotFound] = new(404, "This path does not exist."),
        [ErrorCodes.ProjectNotFound] = new(404, "The project does not exist."),
        [ErrorCodes.KeyNotFound] = new(404, "The project does not have this key."),
        [ErrorCodes.UserNotFound] = new(404, "The project has no event of this user."),
        [ErrorCodes.SegmentNotFound] = new(404, "The segment does not exist."),
        [ErrorCodes.MethodNotAllowed] = new(405, "This path does not support this method."),
        [ErrorCodes.RequestTimeout] = new(408, "The body arrived too slowly."),
        [ErrorCodes.TooManySegments] = new(409, "The limit of segments is reached."),
        [ErrorCodes.SegmentInUse] = new(409, "Other segments refer to the segment."),
        [ErrorCodes.EventNotStored] = new(409, "The event is not stored yet."),
        [ErrorCodes.CursorExpired] = new(410, "The cursor is too old."),
        [ErrorCodes.SegmentChanged] = new(412, "The segment has another version."),
        [ErrorCodes.BodyTooLarge] = new(413, "The body is too large."),
        [ErrorCodes.UnsupportedMediaType] = new(415, "The body's media type or encoding is not supported."),
        [ErrorCodes.PreconditionRequired] = new(428, "The change must say which version it replaces."),
        [ErrorCodes.TooManyPreviews] = new(429, "The project computes too many previews at once."),
        [ErrorCodes.RateLimited] = new(429, "The limit of calls per minute is reached."),
        [ErrorCodes.QuotaExceeded] = new(429, "The quota of events is used up."),
        [ErrorCodes.TooManyFailures] = new(429, "Too many failed attempts from this address."),
        [ErrorCodes.InternalError] = new(500, "An internal error occurred."),
        [ErrorCodes.UpstreamUnavailable] = new(502, "The service behind the gateway did not answer."),
        [ErrorCodes.StreamUnavailable] = new(503, "The event stream did not accept the events."),
        [ErrorCodes.Overloaded] = new(503, "The service is overloaded."),
        [ErrorCodes.WarehouseUnavailable] = new(503, "The analytics warehouse did not answer."),
        [ErrorCodes.UsageUnavailable] = new(503, "The plan's usage could not be read."),
        [ErrorCodes.SegmentsUnavailable] = new(503, "The segments could not be read or changed."),
        [ErrorCodes.ReceiptUnavailable] = new(503, "The event's status could not be determined."),
        [ErrorCodes.AuthenticationUnavailable] = new(503, "The API key could not be checked."),
    }.ToFrozenDictionary();

    /// <summary>All codes of problems.</summary>
    public static IReadOnlyCollection<string> Codes => Entries.Keys;

    /// <summary>The HTTP status for <paramref name="code"/>.</summary>
    /// <exception cref="KeyNotFoundException">The code is not in the catalogue.</exception>
    public static int StatusOf(string code) => Entries[code].Status;

    /// <summary>The title for <paramref name="code"/>.</summary>
    /// <exception cref="KeyNotFoundException">The code is not in the catalogue.</exception>
    public static string TitleOf(string code) => Entries[code].Title;

    /// <summary>The code for an error status that ASP.NET Core set.</summary>
    public static string CodeFor(int status) => status switch
    {
        404 => ErrorCodes.NotFound,
        405 => ErrorCodes.MethodNotAllowed,
        408 => ErrorCodes.RequestTimeout,
        413 => ErrorCodes.BodyTooLarge,
        415 => ErrorCodes.UnsupportedMediaType,
        502 or 503 or 504 => ErrorCodes.UpstreamUnavailable,
        >= 400 and < 500 => ErrorCodes.BadRequest,
        _ => ErrorCodes.InternalError,
    };

    private sealed record Entry(int Status, string Title);
}
