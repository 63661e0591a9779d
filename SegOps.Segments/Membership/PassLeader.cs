using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Redis;
using StackExchange.Redis;

namespace SegOps.Segments.Membership;

/// <summary>
/// What only one instance does: it numbers and decides passes. Every script checks the lease, so that an instance that was paused and lost it can decide
/// nothing.
/// </summary>
internal sealed class PassLeader(RedisConnection redis, IOptions<MembershipOptions> options)
{
    private readonly RedisLease _lease = new(redis, RedisKeys.SegmentLease, options.Value.Lease);

    /// <summary>Acquires or extends the lease.</summary>
    internal Task<bool> HoldAsync() => _lease.HoldAsync();

    /// <summary>Lets another instance take over at once.</summary>
    internal Task ReleaseAsync(CancellationToken cancellationToken) => _lease.ReleaseAsync(cancellationToken);

    /// <summary>A number that is larger than all before, and than <paramref name="floor"/>, because Redis can have lost the last ones.</summary>
    internal async Task<ulong> NextAsync(ulong floor) => (ulong)await HeldAsync(
        "local n = redis.call('INCR', KEYS[2]) if n <= tonumber(ARGV[2]) then n = tonumber(ARGV[2]) + 1 redis.call('SET', KEYS[2], string.format('%.0f', n)) end return string.format('%.0f', n)",
        [RedisKeys.SegmentPass], [floor.ToString(System.Globalization.CultureInfo.InvariantCulture)]);

    /// <summary>Decides a pass: from now on it holds, and this instance or its successor copies it.</summary>
    /// <exception cref="LeaseLostException">Another instance may lead. The pass does not hold.</exception>
    internal Task DecideAsync(DecidedPass pass) => HeldAsync(
        "redis.call('HSET', KEYS[2], ARGV[2], ARGV[3]) return 1",
        [RedisKeys.SegmentsDecided], [new Place(pass.Project, pass.Environment).ToString(), JsonSerializer.Serialize(pass, PassJson.Default.DecidedPass)]);

    /// <summary>The pass of each place that was decided last.</summary>
    internal async Task<IReadOnlyList<DecidedPass>> DecidedAsync() =>
        [.. (await redis.RunAsync(static database => database.HashValuesAsync(RedisKeys.SegmentsDecided)))
            .Select(static value => JsonSerializer.Deserialize(value.ToString(), PassJson.Default.DecidedPass)!)];

    /// <summary>How far the passes have come; null if Redis does not know.</summary>
    internal Task<Progress?> ProgressAsync() => ProgressAsync(redis);

    /// <summary>The same for readers on any instance.</summary>
    internal static async Task<Progress?> ProgressAsync(RedisConnection redis) =>
        (await redis.RunAsync(static database => database.StringGetAsync(RedisKeys.SegmentProgress))) is { IsNull: false } json
            ? JsonSerializer.Deserialize(json.ToString(), PassJson.Default.Progress)
            : null;

    /// <summary>Publishes how far the passes have come.</summary>
    internal Task ReportAsync(Progress progress) => HeldAsync(
        "redis.call('SET', KEYS[2], ARGV[2]) return 1", [RedisKeys.SegmentProgress], [JsonSerializer.Serialize(progress, PassJson.Default.Progress)]);

    private async Task<RedisResult> HeldAsync(string script, RedisKey[] keys, RedisValue[] arguments) =>
        await _lease.RunIfHeldAsync(script, keys, arguments) ?? throw new LeaseLostException();
}

/// <summary>This instance lost the lease, because it was paused or Redis was unavailable.</summary>
internal sealed class LeaseLostException() : Exception("Another instance computes the segments now.");

/// <summary>A decided pass: all that is necessary to copy it.</summary>
/// <param name="Pass">Its number.</param>
/// <param name="Project">The project.</param>
/// <param name="Environment">The environment.</param>
/// <param name="AsOf">The time for which it was evaluated, in microseconds since 1970.</param>
/// <param name="Whole">The segment that it computed as a whole; null for a pass over changed users.</param>
/// <param name="Hash">The hash of that segment's rule.</param>
internal sealed record DecidedPass(ulong Pass, string Project, string Environment, long AsOf, Guid? Whole = null, string? Hash = null);

/// <summary>How far the passes have come.</summary>
/// <param name="CheckedAt">Changes until this time are in the members, but for those of <paramref name="Behind"/>.</param>
/// <param name="SecondsFrom">Changes from this time on, by ClickHouse's clock, must be compared by a new leader; Unix time in seconds.</param>
/// <param name="DueFrom">The same for times that pass, by the service's clock.</param>
/// <param name="RecomputedAt">When all segments were queued for a comparison.</param>
/// <param name="Drift">Differences that the last comparison found and repaired.</param>
/// <param name="Behind">Places with changes that are waiting.</param>
/// <param name="Failing">Segments that could not be computed.</param>
internal sealed record Progress(
    DateTimeOffset CheckedAt, long SecondsFrom, DateTimeOffset DueFrom, DateTimeOffset RecomputedAt, long Drift,
    IReadOnlyList<PlaceBehind> Behind, IReadOnlyList<FailingSegment> Failing);

/// <summary>A place with changes that are waiting since <paramref name="Since"/>.</summary>
internal sealed record PlaceBehind(string Project, string Environment, DateTimeOffset Since);

/// <summary>A segment that could not be computed.</summary>
/// <param name="Id">The segment.</param>
/// <param name="Reason">One of <see cref="FailureReasons"/>, for operators and clients.</param>
/// <param name="Since">When it failed first.</param>
/// <param name="Attempts">How often it has failed since.</param>
/// <param name="RetryAt">When it is computed again.</param>
/// <param name="Hash">The hash of the rule that failed. Another rule is tried at once.</param>
/// <param name="IsStale">Whether its members miss changes. If not, only the nightly comparison failed.</param>
internal sealed record FailingSegment(Guid Id, string Reason, DateTimeOffset Since, int Attempts, DateTimeOffset RetryAt, string Hash, bool IsStale);

/// <summary>Serialisation of what Redis holds.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DecidedPass))]
[JsonSerializable(typeof(Progress))]
internal sealed partial class PassJson : JsonSerializerContext;
