using StackExchange.Redis;

namespace SegOps.ServiceDefaults.Redis;

/// <summary>A lease that one instance holds at a time. Another can take it when it is released, or when it expires.</summary>
/// <param name="redis">Where it is held.</param>
/// <param name="key">Its key.</param>
/// <param name="lasts">The time after which it expires, unless it is extended.</param>
/// <remarks>
/// Scripts, because StackExchange.Redis's own locks are transactions with WATCH. If one is the first command on a new connection, the client can
/// wait for its answer on the thread that reads answers, until the command's timeout.
/// </remarks>
public sealed class RedisLease(RedisConnection redis, string key, TimeSpan lasts)
{
    private const string Hold = """
        local holder = redis.call('GET', KEYS[1])
        if holder and holder ~= ARGV[1] then return 0 end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return 1
        """;

    private const string Release = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) else return 0 end";

    private readonly string _holder = Guid.NewGuid().ToString("N");

    /// <summary>Acquires the lease if it is free, or extends it.</summary>
    /// <returns>Whether this instance holds it.</returns>
    /// <exception cref="RedisUnavailableException">Redis does not answer.</exception>
    public Task<bool> HoldAsync() => redis.RunAsync(async database =>
        (bool)await database.ScriptEvaluateAsync(Hold, [key], [_holder, (long)lasts.TotalMilliseconds]));

    /// <summary>Runs a Lua script only if this instance holds the lease at that moment, so that a paused instance cannot act after it lost the lease.</summary>
    /// <param name="script">The script. Its keys begin with KEYS[2] and its arguments with ARGV[2]. It must not return nil or false.</param>
    /// <param name="keys">Its keys, in the same hash slot as the lease.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>The script's result; null if this instance does not hold the lease.</returns>
    /// <exception cref="RedisUnavailableException">Redis does not answer. The script may have run.</exception>
    public async Task<RedisResult?> RunIfHeldAsync(string script, IEnumerable<RedisKey> keys, IEnumerable<RedisValue> arguments)
    {
        var result = await redis.RunAsync(database => database.ScriptEvaluateAsync(
            "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return false end\n" + script, [key, .. keys], [_holder, .. arguments]));
        return result.IsNull ? null : result;
    }

    /// <summary>Releases the lease if this instance holds it. If Redis is unavailable, it expires.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await redis.RunAsync(database => database.ScriptEvaluateAsync(Release, [key], [_holder])).WaitAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is RedisUnavailableException or OperationCanceledException)
        {
            // It expires.
        }
    }
}
