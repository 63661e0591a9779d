using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.Ingestion.Requests;
using SegOps.Ingestion.Telemetry;
using SegOps.ServiceDefaults.Redis;
using StackExchange.Redis;

namespace SegOps.Ingestion.Publishing;

/// <summary>
/// Stores the ids of events in Redis while they are published, so that Monitoring can find an event before it is stored. No answer waits for
/// it and nothing depends on it: ids beyond the limits, or during an outage of Redis, are counted and not stored.
/// </summary>
internal sealed class InFlightIds(RedisConnection redis, IOptions<InFlightIdOptions> options, TimeProvider clock, IngestionTelemetry telemetry)
{
    /// <summary>
    /// Maximum requests in progress, each until it is published and Redis has answered. This exceeds those in flight at 1,000 requests per second,
    /// and limits the commands to about 12 MB while Redis hangs.
    /// </summary>
    internal const int MaxPending = 256;

    private static readonly string Script = RedisExtensions.ReadScript(typeof(InFlightIds), "remember.lua");
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly Lock _minute = new();
    private long _minuteStart = clock.GetTimestamp();
    private int _stored;
    private int _pending;

    /// <summary>
    /// Stores the <paramref name="ids"/> of a request, and removes them if <paramref name="publishing"/> fails; returns at once.
    /// Publishing takes 10 ms or more, so Redis usually has the ids before the client has the answer.
    /// </summary>
    public void Store(RequestMetadata metadata, IReadOnlyList<Guid> ids, Task publishing)
    {
        if (metadata.ProjectId == Canary.ProjectId)
            return;
        if (Interlocked.Increment(ref _pending) > MaxPending)
            Drop("busy");
        else if (!TryCount(ids.Count))
            Drop("minute_full");
        else
            _ = RunAsync(metadata, [.. ids.Select(id => (RedisValue)AcceptedIds.FieldOf(id))], publishing);

        void Drop(string reason)
        {
            Interlocked.Decrement(ref _pending);
            telemetry.IdsNotStored(metadata, ids.Count, reason);
        }
    }

    private async Task RunAsync(RequestMetadata metadata, RedisValue[] fields, Task publishing)
    {
        try
        {
            RedisKey key = RedisKeys.Accepted(metadata.ProjectId, metadata.Environment, metadata.ReceivedAt);
            RedisValue[] arguments = [(long)AcceptedIds.Kept.TotalSeconds, metadata.ReceivedAt.ToUnixTimeMilliseconds(), .. fields];
            if (!await TryAsync(database => database.ScriptEvaluateAsync(Script, [key], arguments)))
                telemetry.IdsNotStored(metadata, fields.Length, "redis_away");

            await publishing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // Also after a failed write: a hanging Redis executes a command that timed out when it resumes.
            if (!publishing.IsCompletedSuccessfully)
                await TryAsync(database => database.HashDeleteAsync(key, fields));
        }
        finally
        {
            Interlocked.Decrement(ref _pending);
        }
    }

    private async Task<bool> TryAsync<T>(Func<IDatabase, Task<T>> command)
    {
        try
        {
            await redis.RunAsync(command);
            return true;
        }
        catch (RedisUnavailableException)
        {
            return false;
        }
    }

    private bool TryCount(int count)
    {
        lock (_minute)
        {
            if (clock.GetElapsedTime(_minuteStart) >= Minute)
                (_minuteStart, _stored) = (clock.GetTimestamp(), 0);
            if (_stored + count > options.Value.IdsPerMinute)
                return false;
            _stored += count;
            return true;
        }
    }
}

/// <summary>Configuration section <c>Receipts</c>.</summary>
internal sealed class InFlightIdOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Receipts";

    /// <summary>
    /// Maximum ids of accepted events that an instance stores in Redis per minute; default 20,000, 0 (none) to 10,000,000. An id uses about 100
    /// bytes of Redis for up to 70 minutes: 140 MB at the full rate.
    /// </summary>
    [Range(0, 10_000_000, ErrorMessage = "Receipts:IdsPerMinute must be between 0 and 10000000.")]
    public int IdsPerMinute { get; set; } = 20_000;
}
