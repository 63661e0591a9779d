namespace SegOps.ServiceDefaults.Redis;

/// <summary>The time for which a request can wait for Redis, shared by all its commands.</summary>
/// <param name="total">The total time, including what another service has used.</param>
/// <param name="left">The rest that another service has left; all of <paramref name="total"/> by default.</param>
public sealed class RedisDeadline(TimeSpan total, TimeSpan? left = null)
{
    /// <summary>The total time. A request does not wait at all while an earlier command has been waiting for this long.</summary>
    public TimeSpan Total => total;

    /// <summary>The time left; zero or less after the deadline.</summary>
    public TimeSpan Left { get; private set; } = left < total ? left.Value : total;

    internal void Spend(TimeSpan waited) => Left -= waited;
}

/// <summary>Redis is unreachable, refused the command or did not answer in time. The command may have been executed.</summary>
public sealed class RedisUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
