using SegOps.Contracts;
using SegOps.InternalApi;
using SegOps.ServiceDefaults.Redis;
using StackExchange.Redis;

namespace SegOps.Monitoring.Receipts;

/// <summary>Asks Redis for events that were accepted within the last hour, of which Ingestion keeps the ids there.</summary>
internal sealed class AcceptedEvents(RedisConnection redis, TimeProvider clock)
{
    /// <summary>The server that received the event may be as far ahead of this one.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    /// <summary>When the event <paramref name="id"/> was received; null when nothing is known of it.</summary>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    internal async Task<DateTime?> ReceivedAtAsync(Caller caller, Guid id, RedisDeadline budget, CancellationToken cancellationToken)
    {
        var field = AcceptedIds.FieldOf(id);
        var found = await redis.AskAsync(
            database => Task.WhenAll(Keys(caller).Select(key => database.HashGetAsync(key, field))), budget, cancellationToken);
        return found.Max(value => (long?)value) is { } milliseconds ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcDateTime : null;
    }

    /// <summary>The hashes of all that was received within the last hour, one for each <see cref="AcceptedIds.Span"/>.</summary>
    private IEnumerable<RedisKey> Keys(Caller caller)
    {
        var latest = clock.GetUtcNow() + ClockSkew;
        for (var back = TimeSpan.Zero; back <= AcceptedIds.Kept + AcceptedIds.Span; back += AcceptedIds.Span)
            yield return RedisKeys.Accepted(caller.ProjectId, caller.Environment, latest - back);
    }
}
