using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.Ingestion.Telemetry;
using SegOps.Ingestion.Track;
using SegOps.ServiceDefaults.Redis;
using StackExchange.Redis;

namespace SegOps.Ingestion.Receipts;

/// <summary>
/// Remembers in Redis which events are being published, for who asks where one is before it is stored. No answer waits for it, and nothing depends
/// on it: what is too much, or finds Redis away, is counted and not remembered.
/// </summary>
internal sealed class ReceiptWriter(RedisConnection redis, IOptions<ReceiptOptions> options, TimeProvider clock, IngestionTelemetry telemetry)
{
    /// <summary>
    /// Requests that are remembered at a time, each until it is published and Redis has answered: more than are ever on their way at 1,000
    /// requests a second, and at most some 12 MB of commands when Redis hangs.
    /// </summary>
    internal const int MaxPending = 256;

    private static readonly string Script = RedisExtensions.ReadScript(typeof(ReceiptWriter), "remember.lua");
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly Lock _minute = new();
    private long _began = clock.GetTimestamp();
    private int _taken;
    private int _pending;

    /// <summary>
    /// Remembers the events <paramref name="ids"/> of one request, and forgets them when <paramref name="publishing"/> fails; returns at once.
    /// Publishing takes 10 ms or more, so that Redis mostly knows of them by the time that the client does.
    /// </summary>
    public void Remember(RequestStamp stamp, IReadOnlyList<Guid> ids, Task publishing)
    {
        if (stamp.ProjectId == Canary.ProjectId)
            return;
        if (Interlocked.Increment(ref _pending) > MaxPending)
            Drop("busy");
        else if (!TakeOfTheMinute(ids.Count))
            Drop("minute_full");
        else
            _ = RunAsync(stamp, [.. ids.Select(id => (RedisValue)AcceptedIds.FieldOf(id))], publishing);

        void Drop(string reason)
        {
            Interlocked.Decrement(ref _pending);
            telemetry.NotRemembered(stamp, ids.Count, reason);
        }
    }

    private async Task RunAsync(RequestStamp stamp, RedisValue[] fields, Task publishing)
    {
        try
        {
            RedisKey key = RedisKeys.Accepted(stamp.ProjectId, stamp.Environment, stamp.ReceivedAt);
            RedisValue[] arguments = [(long)AcceptedIds.Kept.TotalSeconds, stamp.ReceivedAt.ToUnixTimeMilliseconds(), .. fields];
            if (!await TryAsync(database => database.ScriptEvaluateAsync(Script, [key], arguments)))
                telemetry.NotRemembered(stamp, fields.Length, "redis_away");

            await publishing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // Also when remembering them seemed to fail: what timed out is carried out all the same when a hanging Redis goes on.
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

    private bool TakeOfTheMinute(int count)
    {
        lock (_minute)
        {
            if (clock.GetElapsedTime(_began) >= Minute)
                (_began, _taken) = (clock.GetTimestamp(), 0);
            if (_taken + count > options.Value.IdsPerMinute)
                return false;
            _taken += count;
            return true;
        }
    }
}
