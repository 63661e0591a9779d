using System.Globalization;

namespace SegOps.Contracts;

/// <summary>
/// Names of what Redis holds. The part in braces is what Redis Cluster places a key by, so that one script may use all keys of a project's use.
/// </summary>
public static class RedisKeys
{
    /// <summary>
    /// String, made up at random by whoever writes the first API key. While it is missing or another one, Redis was emptied: what it does not
    /// hold says nothing about keys that were issued before.
    /// </summary>
    public const string KeyStoreEpoch = "segops:key_store";

    /// <summary>Sorted set of all projects' ids, by the Unix time in milliseconds at which they were created.</summary>
    public const string Projects = "segops:projects";

    /// <summary>String: which instance of Monitoring sets the monthly figures right at present; expires when it goes away.</summary>
    public const string Reconciler = "segops:reconciler";

    /// <summary>
    /// Sorted set of the minutes below <see cref="Received"/>, by the Unix time in microseconds of Redis's own clock at which they changed last.
    /// Its braces are those of all minutes, so that one script may set both.
    /// </summary>
    public const string ReceivedChanges = "segops:{received}:changes";

    /// <summary>Hash of one API key, by the lower-case hex SHA-256 of the whole key; fields in <see cref="ApiKeyFields"/>.</summary>
    public static string ApiKey(string sha256Hex) => "segops:key:" + sha256Hex;

    /// <summary>Hash of one project; fields in <see cref="ProjectFields"/>.</summary>
    public static string Project(string projectId) => "segops:project:" + projectId;

    /// <summary>Hash of a project's API keys: from a key's id to its SHA-256.</summary>
    public static string ProjectKeys(string projectId) => "segops:project:" + projectId + ":keys";

    /// <summary>List of the times, in microseconds of Unix time, of a project's calls within the last minute; the newest first.</summary>
    public static string Calls(string projectId, string bucket) => "segops:calls:{" + projectId + "}:" + bucket;

    /// <summary>Hash of what Ingestion received in one minute, named as <see cref="ReceivedFields"/> says, which its fields are as well.</summary>
    public static string Received(string minute) => "segops:{received}:" + minute;

    /// <summary>Hash of a project's live events by calendar month: field <c>yyyy-MM</c> (UTC), value the number reserved.</summary>
    public static string Usage(string projectId) => "segops:usage:{" + projectId + "}";

    /// <summary>Hash of the ids of events accepted around <paramref name="receivedAt"/>; <see cref="AcceptedIds"/> says what it holds.</summary>
    public static string Accepted(string projectId, string environment, DateTimeOffset receivedAt) => string.Create(
        CultureInfo.InvariantCulture, $"segops:accepted:{{{projectId}}}:{environment}:{receivedAt.ToUnixTimeSeconds() / (long)AcceptedIds.Span.TotalSeconds}");
}

/// <summary>What a project's calls a minute are counted apart for: last part of <see cref="RedisKeys.Calls"/>.</summary>
public static class CallBuckets
{
    /// <summary>Ingestion with <c>sk_live_</c> keys.</summary>
    public const string Live = Environments.Live;

    /// <summary>Ingestion with <c>sk_test_</c> keys.</summary>
    public const string Test = Environments.Test;

    /// <summary>Monitoring, with any key.</summary>
    public const string Monitoring = "monitoring";
}

/// <summary>Fields of the hash at <see cref="RedisKeys.ApiKey"/>. Times are Unix times in milliseconds.</summary>
public static class ApiKeyFields
{
    /// <summary>The project that the key belongs to.</summary>
    public const string Project = "project";

    /// <summary>Names the key where its text must not be shown.</summary>
    public const string Id = "id";

    /// <summary>The first characters of the key's text, for people to recognise it by.</summary>
    public const string Prefix = "prefix";

    /// <summary>One of <see cref="Environments"/>.</summary>
    public const string Environment = "environment";

    /// <summary>What people call the key; may be absent.</summary>
    public const string Name = "name";

    /// <summary>When it was created.</summary>
    public const string CreatedAt = "created_at";

    /// <summary>From when on the key is refused; absent while it is valid.</summary>
    public const string RevokedAt = "revoked_at";

    /// <summary>When it was used last, to within a minute or so; absent before its first use.</summary>
    public const string LastUsedAt = "last_used_at";
}

/// <summary>Fields of the hash at <see cref="RedisKeys.Project"/>.</summary>
public static class ProjectFields
{
    /// <summary>The plan's name, one of <see cref="PlanNames"/>.</summary>
    public const string Plan = "plan";

    /// <summary>The project's name, for people.</summary>
    public const string Name = "name";

    /// <summary>When it was created: Unix time in milliseconds.</summary>
    public const string CreatedAt = "created_at";

    /// <summary>Instead of the plan's calls a minute; enterprise only, absent when the plan's figure holds.</summary>
    public const string CallsPerMinute = "calls_per_minute";

    /// <summary>Instead of the plan's events a month; enterprise only, absent when the plan's figure holds.</summary>
    public const string EventsPerMonth = "events_per_month";
}

/// <summary>Names of the plans, as stored and in headers.</summary>
public static class PlanNames
{
    /// <summary>The plan that a project starts with.</summary>
    public const string Free = "free";

    /// <summary>The smallest paid plan.</summary>
    public const string Starter = "starter";

    /// <summary>The larger paid plan.</summary>
    public const string Business = "business";

    /// <summary>The plan whose figures may be agreed on project by project.</summary>
    public const string Enterprise = "enterprise";

    /// <summary>All of them, the smallest first.</summary>
    public static IReadOnlyList<string> All { get; } = [Free, Starter, Business, Enterprise];
}
