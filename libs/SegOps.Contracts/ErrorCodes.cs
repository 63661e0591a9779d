namespace SegOps.Contracts;

/// <summary>The stable codes that answers carry in <c>code</c>; each is documented in docs/api.md.</summary>
public static class ErrorCodes
{
    /// <summary>400: the body is not JSON, or not JSON of the expected shape.</summary>
    public const string MalformedJson = "malformed_json";

    /// <summary>400: <c>events</c> holds no event.</summary>
    public const string BatchEmpty = "batch_empty";

    /// <summary>400: <c>events</c> holds more than <see cref="EventLimits.MaxBatchEvents"/> events.</summary>
    public const string BatchTooLarge = "batch_too_large";

    /// <summary>400: no event of the request is valid; <c>errors</c> says why for each.</summary>
    public const string ValidationFailed = "validation_failed";

    /// <summary>400: the HTTP request itself is broken (framing, headers, a body that ended early).</summary>
    public const string BadRequest = "bad_request";

    /// <summary>401: no <c>Authorization: ApiKey ...</c> header.</summary>
    public const string MissingApiKey = "missing_api_key";

    /// <summary>401: the key is malformed or unknown.</summary>
    public const string InvalidApiKey = "invalid_api_key";

    /// <summary>401: the key was revoked.</summary>
    public const string RevokedApiKey = "revoked_api_key";

    /// <summary>401: the admin API's token is missing or wrong.</summary>
    public const string InvalidAdminToken = "invalid_admin_token";

    /// <summary>403: a call to an internal service without the internal secret.</summary>
    public const string InternalOnly = "internal_only";

    /// <summary>404: no such path.</summary>
    public const string NotFound = "not_found";

    /// <summary>404: the admin API knows no such project.</summary>
    public const string ProjectNotFound = "project_not_found";

    /// <summary>404: the project has no such key.</summary>
    public const string KeyNotFound = "key_not_found";

    /// <summary>405: the path exists, but not for this method.</summary>
    public const string MethodNotAllowed = "method_not_allowed";

    /// <summary>408: the body came too slowly.</summary>
    public const string RequestTimeout = "request_timeout";

    /// <summary>413: the body is over its limit, counted after decompression.</summary>
    public const string BodyTooLarge = "body_too_large";

    /// <summary>415: neither JSON nor one of the supported content encodings.</summary>
    public const string UnsupportedMediaType = "unsupported_media_type";

    /// <summary>429: the project's calls a minute are used up.</summary>
    public const string RateLimited = "rate_limited";

    /// <summary>429: the project's events a month are used up, or would be; <c>remaining</c> says how many are left.</summary>
    public const string QuotaExceeded = "quota_exceeded";

    /// <summary>429: too many failed authentications came from this address.</summary>
    public const string TooManyFailures = "too_many_failures";

    /// <summary>400: a parameter has a value outside its range.</summary>
    public const string InvalidParameter = "invalid_parameter";

    /// <summary>500: a fault of ours; the trace id finds it.</summary>
    public const string InternalError = "internal_error";

    /// <summary>502 or 504: the service behind the gateway did not answer.</summary>
    public const string UpstreamUnavailable = "upstream_unavailable";

    /// <summary>503: Pub/Sub did not take the events; nothing was accepted.</summary>
    public const string StreamUnavailable = "stream_unavailable";

    /// <summary>503: all requests together hold as much as the service allows; nothing was accepted.</summary>
    public const string Overloaded = "overloaded";

    /// <summary>503: ClickHouse did not answer a query.</summary>
    public const string WarehouseUnavailable = "warehouse_unavailable";

    /// <summary>503: Redis did not say how much of the plan is used.</summary>
    public const string UsageUnavailable = "usage_unavailable";

    /// <summary>503: the event is not stored, and Redis did not say whether it is in flight.</summary>
    public const string ReceiptUnavailable = "receipt_unavailable";

    /// <summary>503: Redis did not answer, or was emptied, and the key is not known from memory.</summary>
    public const string AuthenticationUnavailable = "authentication_unavailable";
}
