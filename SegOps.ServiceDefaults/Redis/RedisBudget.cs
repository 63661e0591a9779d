namespace SegOps.ServiceDefaults.Redis;

/// <summary>How long one request may still wait for Redis: what one of its questions took is not there for the next.</summary>
/// <param name="total">What it may wait altogether.</param>
public sealed class RedisBudget(TimeSpan total)
{
    /// <summary>What is left; zero or less once it is used up.</summary>
    public TimeSpan Left { get; private set; } = total;

    internal void Spend(TimeSpan waited) => Left -= waited;
}

/// <summary>Redis is away, refused the command, or did not answer in time. Whether it carried the command out is not known.</summary>
public sealed class RedisUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
