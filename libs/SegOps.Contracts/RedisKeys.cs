using System.Globalization;
using System.Net;
using System.Security.Cryptography;

namespace SegOps.Contracts;

/// <summary>
/// Redis keys. Redis Cluster places keys by the part in braces: keys with the same part can be used in one script.
/// </summary>
public static class RedisKeys
{
    /// <summary>
    /// String: a random value, written with the first API key. If it is missing or has changed, Redis was emptied. A missing API key then does not
    /// prove that the key was never issued.
    /// </summary>
    public const string KeyStoreEpoch = "segops:key_store";

    /// <summary>Sorted set of all projects' ids. Score: the time of creation, Unix time in milliseconds.</summary>
    public const string Projects = "segops:projects";

    /// <summary>String: the instance of Monitoring that holds the lease for reconciling the monthly figures. It expires with the lease.</summary>
    public const string Reconciler = "segops:reconciler";

    /// <summary>String: the instance of Monitoring that holds the lease for counting the accounts. It expires with the lease.</summary>
    public const string Rollups = "segops:rollups";

    /// <summary>Set of the projects and environments that have or had segments, <c>live:prj_...</c>.</summary>
    public const string SegmentProjects = "segops:segments";

    /// <summary>String: the instance of Segments that holds the lease for the passes. It expires with the lease. One script can use it and the next three.</summary>
    public const string SegmentLease = "segops:{segments}:lease";

    /// <summary>String: the number of the last pass over segments.</summary>
    public const string SegmentPass = "segops:{segments}:pass";

    /// <summary>Hash of the passes that were decided last. Field: a project and environment. Value: the pass as JSON.</summary>
    public const string SegmentsDecided = "segops:{segments}:decided";

    /// <summary>String: how far the passes have come, as JSON, written after each round.</summary>
    public const string SegmentProgress = "segops:{segments}:progress";

    /// <summary>Channel: the SHA-256 of each key that is revoked or gets a time of revocation, so that gateways ask about it again.</summary>
    public const string Revocations = "segops:revocations";

    /// <summary>String: written by the health checks of a machine's services. It expires within a minute.</summary>
    public static string Probe(string machine) => "segops:probe:" + machine;

    /// <summary>Hash of an API key, by <see cref="Contracts.ApiKey.Hash"/>. Fields: <see cref="ApiKeyFields"/>.</summary>
    public static string ApiKey(string sha256Hex) => "segops:key:" + sha256Hex;

    /// <summary>Hash of a project. Fields: <see cref="ProjectFields"/>.</summary>
    public static string Project(string projectId) => "segops:project:" + projectId;

    /// <summary>Hash of a project's API keys. Field: the key's id. Value: its SHA-256.</summary>
    public static string ProjectKeys(string projectId) => "segops:project:" + projectId + ":keys";

    /// <summary>List of the times of a project's calls within the last minute, newest first, Unix time in microseconds.</summary>
    public static string Calls(string projectId, string bucket) => "segops:calls:{" + projectId + "}:" + bucket;

    /// <summary>As <see cref="Calls"/>, of all calls with one publishable key.</summary>
    public static string KeyCalls(string projectId, string sha256Hex) => $"segops:calls:{{{projectId}}}:key:{sha256Hex}";

    /// <summary>As <see cref="Calls"/>, of the calls with one publishable key from one address. It does not hold the address in clear.</summary>
    /// <param name="projectId">The key's project.</param>
    /// <param name="sha256Hex">The key's hash. It is a part of what is hashed: the same address has another hash for each key.</param>
    /// <param name="address">The IPv4 address, or the IPv6 network.</param>
    public static string AddressCalls(string projectId, string sha256Hex, IPAddress address)
    {
        Span<byte> salted = stackalloc byte[SHA256.HashSizeInBytes + 16];
        Convert.FromHexString(sha256Hex, salted, out _, out var salt);
        address.TryWriteBytes(salted[salt..], out var length);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(salted[..(salt + length)], digest);
        return $"{KeyCalls(projectId, sha256Hex)}:{Convert.ToHexStringLower(digest[..8])}";
    }

    /// <summary>Hash of a project's live events. Field: the month, <c>yyyy-MM</c> (UTC). Value: the number of reserved events.</summary>
    public static string Usage(string projectId) => "segops:usage:{" + projectId + "}";

    /// <summary>
    /// Hash of a project's test events. Field: the number of the day (UTC) since 1970-01-01. Value: the number of reserved events. It holds one day,
    /// and expires two days after the last event.
    /// </summary>
    public static string TestUsage(string projectId) => "segops:test-usage:{" + projectId + "}";

    /// <summary>
    /// Hash of the segments of a project and environment. Field: the segment's id. Value: its definition as JSON. The field <c>revision</c> holds a random
    /// value that changes with each of them.
    /// </summary>
    public static string Segments(string projectId, string environment) => "segops:segments:{" + projectId + "}:" + environment;

    /// <summary>String: the preview of a segment that is computed for a project, one key for each at the same time. It expires with the lease.</summary>
    public static string SegmentPreview(string projectId, int place) => string.Create(CultureInfo.InvariantCulture, $"segops:segment-preview:{{{projectId}}}:{place}");

    /// <summary>Hash of the ids of events accepted around <paramref name="receivedAt"/>. Content: <see cref="AcceptedIds"/>.</summary>
    public static string Accepted(string projectId, string environment, DateTimeOffset receivedAt) => string.Create(
        CultureInfo.InvariantCulture, $"segops:accepted:{{{projectId}}}:{environment}:{receivedAt.ToUnixTimeSeconds() / (long)AcceptedIds.Span.TotalSeconds}");
}

/// <summary>The calls that are counted separately: the last part of <see cref="RedisKeys.Calls"/>.</summary>
public static class CallBuckets
{
    /// <summary>Ingestion with <c>sk_live_</c> keys. Publishable keys have windows of their own.</summary>
    public const string Live = Environments.Live;

    /// <summary>Ingestion with <c>sk_test_</c> keys.</summary>
    public const string Test = Environments.Test;

    /// <summary>Monitoring, with any secret key.</summary>
    public const string Monitoring = "monitoring";
}

/// <summary>Fields of the hash at <see cref="RedisKeys.ApiKey"/>. Times are Unix times in milliseconds.</summary>
public static class ApiKeyFields
{
    /// <summary>The key's project.</summary>
    public const string Project = "project";

    /// <summary>The key's id, which is not secret.</summary>
    public const string Id = "id";

    /// <summary>The first characters of the key's text, for display.</summary>
    public const string Prefix = "prefix";

    /// <summary>One of <see cref="Environments"/>.</summary>
    public const string Environment = "environment";

    /// <summary><see cref="Publishable"/>; absent for secret keys. The key's text decides its kind, this field only shows it.</summary>
    public const string Kind = "kind";

    /// <summary>The value of <see cref="Kind"/> of a publishable key.</summary>
    public const string Publishable = "publishable";

    /// <summary>The origins from which pages may use a publishable key, separated by spaces; absent: every origin.</summary>
    public const string AllowedOrigins = "allowed_origins";

    /// <summary>A publishable key's calls within any 60 seconds from one address; absent: the gateway's default.</summary>
    public const string CallsPerMinutePerAddress = "calls_per_minute_per_address";

    /// <summary>The key's display name, if any.</summary>
    public const string Name = "name";

    /// <summary>The time of creation.</summary>
    public const string CreatedAt = "created_at";

    /// <summary>The time from which the key is refused; absent while it is valid.</summary>
    public const string RevokedAt = "revoked_at";

    /// <summary>The time of the last use, accurate to about a minute; absent before the first use.</summary>
    public const string LastUsedAt = "last_used_at";
}

/// <summary>Fields of the hash at <see cref="RedisKeys.Project"/>.</summary>
public static class ProjectFields
{
    /// <summary>The plan's name, one of <see cref="PlanNames"/>.</summary>
    public const string Plan = "plan";

    /// <summary>The project's display name.</summary>
    public const string Name = "name";

    /// <summary>The time of creation, Unix time in milliseconds.</summary>
    public const string CreatedAt = "created_at";

    /// <summary>Overrides the plan's calls per minute; enterprise only, optional.</summary>
    public const string CallsPerMinute = "calls_per_minute";

    /// <summary>Overrides the plan's events per month; enterprise only, optional.</summary>
    public const string EventsPerMonth = "events_per_month";
}

/// <summary>Names of the plans, as stored and in headers.</summary>
public static class PlanNames
{
    /// <summary>The default plan of a new project.</summary>
    public const string Free = "free";

    /// <summary>The smallest paid plan.</summary>
    public const string Starter = "starter";

    /// <summary>The larger paid plan.</summary>
    public const string Business = "business";

    /// <summary>The plan whose limits can be set per project.</summary>
    public const string Enterprise = "enterprise";

    /// <summary>All plans, smallest first.</summary>
    public static IReadOnlyList<string> All { get; } = [Free, Starter, Business, Enterprise];
}
