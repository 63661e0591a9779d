namespace SegOps.Contracts;

/// <summary>The stable values of <c>code</c> in answers, documented in docs/api.md.</summary>
public static class ErrorCodes
{
    /// <summary>400: the body is not JSON, or has not the expected structure.</summary>
    public const string MalformedJson = "malformed_json";

    /// <summary>400: <c>events</c> holds no event.</summary>
    public const string BatchEmpty = "batch_empty";

    /// <summary>400: <c>events</c> holds more than <see cref="EventLimits.MaxBatchEvents"/> events.</summary>
    public const string BatchTooLarge = "batch_too_large";

    /// <summary>400: no event of the request is valid; <c>errors</c> lists the reasons.</summary>
    public const string ValidationFailed = "validation_failed";

    /// <summary>400: the HTTP request is malformed (framing, headers, incomplete body).</summary>
    public const string BadRequest = "bad_request";

    /// <summary>400: the query holds a secret key, which counts as leaked.</summary>
    public const string SecretKeyInUrl = "secret_key_in_url";

    /// <summary>401: the request gives no key in a form that the gateway takes.</summary>
    public const string MissingApiKey = "missing_api_key";

    /// <summary>401: the key is malformed or unknown.</summary>
    public const string InvalidApiKey = "invalid_api_key";

    /// <summary>401: the key was revoked.</summary>
    public const string RevokedApiKey = "revoked_api_key";

    /// <summary>401: the admin API's token is missing or wrong.</summary>
    public const string InvalidAdminToken = "invalid_admin_token";

    /// <summary>403: a call to an internal service without the internal secret.</summary>
    public const string InternalOnly = "internal_only";

    /// <summary>403: a publishable key was used for anything but sending events.</summary>
    public const string KeyCannotRead = "key_cannot_read";

    /// <summary>403: the page's origin is not one of the publishable key's allowed origins.</summary>
    public const string OriginNotAllowed = "origin_not_allowed";

    /// <summary>404: no such path.</summary>
    public const string NotFound = "not_found";

    /// <summary>404: the project does not exist (admin API).</summary>
    public const string ProjectNotFound = "project_not_found";

    /// <summary>404: the project does not have the key (admin API).</summary>
    public const string KeyNotFound = "key_not_found";

    /// <summary>404: the project has no event of the user.</summary>
    public const string UserNotFound = "user_not_found";

    /// <summary>404: the project and environment do not have the segment.</summary>
    public const string SegmentNotFound = "segment_not_found";

    /// <summary>405: the path does not support the method.</summary>
    public const string MethodNotAllowed = "method_not_allowed";

    /// <summary>408: the body arrived too slowly.</summary>
    public const string RequestTimeout = "request_timeout";

    /// <summary>409: the project and environment have the most segments that they may have.</summary>
    public const string TooManySegments = "too_many_segments";

    /// <summary>409: the segment cannot be deleted, because rules of other segments refer to it.</summary>
    public const string SegmentInUse = "segment_in_use";

    /// <summary>409: the event for which the call waited is not stored yet.</summary>
    public const string EventNotStored = "event_not_stored";

    /// <summary>410: the changes after the cursor are older than those that are kept.</summary>
    public const string CursorExpired = "cursor_expired";

    /// <summary>412: the segment has another version than If-Match says.</summary>
    public const string SegmentChanged = "segment_changed";

    /// <summary>413: the body exceeds its limit after decompression.</summary>
    public const string BodyTooLarge = "body_too_large";

    /// <summary>415: the media type is not JSON, or the content encoding is not supported.</summary>
    public const string UnsupportedMediaType = "unsupported_media_type";

    /// <summary>428: a change of a segment without If-Match.</summary>
    public const string PreconditionRequired = "precondition_required";

    /// <summary>429: the project computes the most previews that it may compute at the same time.</summary>
    public const string TooManyPreviews = "too_many_previews";

    /// <summary>429: the project, the publishable key or its address has reached its limit of calls per minute.</summary>
    public const string RateLimited = "rate_limited";

    /// <summary>429: the request exceeds the project's monthly quota; <c>remaining</c> is the number of events left.</summary>
    public const string QuotaExceeded = "quota_exceeded";

    /// <summary>429: too many failed authentications came from this address.</summary>
    public const string TooManyFailures = "too_many_failures";

    /// <summary>400: the rule of a segment is invalid; <c>errors</c> lists the faults.</summary>
    public const string InvalidRule = "invalid_rule";

    /// <summary>400: a parameter has a value outside its range.</summary>
    public const string InvalidParameter = "invalid_parameter";

    /// <summary>500: an internal error. The trace id identifies it.</summary>
    public const string InternalError = "internal_error";

    /// <summary>502 or 504: the service behind the gateway did not answer.</summary>
    public const string UpstreamUnavailable = "upstream_unavailable";

    /// <summary>503: Pub/Sub did not accept the events; nothing was accepted.</summary>
    public const string StreamUnavailable = "stream_unavailable";

    /// <summary>503: requests in progress use the maximum memory; nothing was accepted.</summary>
    public const string Overloaded = "overloaded";

    /// <summary>503: ClickHouse did not answer a query.</summary>
    public const string WarehouseUnavailable = "warehouse_unavailable";

    /// <summary>503: the plan's usage could not be read from Redis.</summary>
    public const string UsageUnavailable = "usage_unavailable";

    /// <summary>503: Redis did not answer about segments, or did not save a change in time.</summary>
    public const string SegmentsUnavailable = "segments_unavailable";

    /// <summary>503: the event is not stored, and Redis did not answer whether it is in flight.</summary>
    public const string ReceiptUnavailable = "receipt_unavailable";

    /// <summary>503: Redis did not answer or was emptied, and the key is not cached.</summary>
    public const string AuthenticationUnavailable = "authentication_unavailable";
}
