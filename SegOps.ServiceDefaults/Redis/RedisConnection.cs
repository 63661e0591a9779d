using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace SegOps.ServiceDefaults.Redis;

/// <summary>
/// The service's connection to Redis. It connects in the background and reconnects after a loss. A request waits for Redis
/// at most until its <see cref="RedisDeadline"/>. While any answer is overdue, requests do not wait.
/// </summary>
public sealed partial class RedisConnection : IAsyncDisposable
{
    private readonly RedisOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<RedisConnection> _logger;
    private readonly Lazy<Task<ConnectionMultiplexer>> _connection;
    private Task _overdue = Task.CompletedTask;
    private volatile bool _unavailable;

    /// <summary>Connects when first used.</summary>
    public RedisConnection(IOptions<RedisOptions> options, TimeProvider clock, ILogger<RedisConnection> logger)
    {
        (_options, _clock, _logger) = (options.Value, clock, logger);
        _connection = new(() => ConnectAsync(_options));
    }

    /// <summary>Whether <paramref name="connectionString"/> is valid and names a server.</summary>
    public static bool CanParse(string connectionString)
    {
        try
        {
            return ConfigurationOptions.Parse(connectionString).EndPoints.Count > 0;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            return false;
        }
    }

    /// <summary>The deadline of a new request: <see cref="RedisOptions.Deadline"/>, or the rest that another service has left.</summary>
    public RedisDeadline NewDeadline(TimeSpan? left = null) => new(left < _options.Deadline ? left.Value : _options.Deadline);

    /// <summary>Runs <paramref name="command"/> for a waiting request. A late command is not cancelled: Redis may still execute it.</summary>
    /// <exception cref="RedisUnavailableException">There was no answer within <paramref name="deadline"/>.</exception>
    public async Task<T> AskAsync<T>(Func<IDatabase, Task<T>> command, RedisDeadline deadline, CancellationToken cancellationToken = default)
    {
        if (!_overdue.IsCompleted)
            throw new RedisUnavailableException("An earlier command is overdue.");
        if (deadline.Left <= TimeSpan.Zero)
            throw new RedisUnavailableException("The request's deadline for Redis has passed.");

        var began = _clock.GetTimestamp();
        var answer = RunAsync(command);
        try
        {
            return await answer.WaitAsync(deadline.Left, _clock, cancellationToken);
        }
        catch (TimeoutException exception)
        {
            if (answer.IsCompletedSuccessfully) // On a busy machine, the answer can arrive just after the timeout.
                return await answer;
            _overdue = answer;
            throw new RedisUnavailableException("Redis did not answer in time.", exception);
        }
        finally
        {
            deadline.Spend(_clock.GetElapsedTime(began));
            Observe(answer);
        }
    }

    /// <summary>Runs <paramref name="command"/> in the background, for at most <see cref="RedisOptions.CommandTimeout"/>.</summary>
    /// <exception cref="RedisUnavailableException">Redis did not answer, or refused.</exception>
    public async Task<T> RunAsync<T>(Func<IDatabase, Task<T>> command)
    {
        try
        {
            var result = await command((await _connection.Value).GetDatabase());
            if (_unavailable)
            {
                _unavailable = false;
                LogAvailable();
            }
            return result;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            if (!_unavailable)
            {
                _unavailable = true;
                LogUnavailable(Reason(exception));
            }
            throw new RedisUnavailableException("Redis did not answer.", exception);
        }
    }

    /// <summary>Closes the connection, if any.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_connection is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            await (await _connection.Value).DisposeAsync();
    }

    /// <summary>Observes the exception of a late answer.</summary>
    private static void Observe(Task answer)
    {
        if (!answer.IsCompleted)
            _ = answer.ContinueWith(static late => _ = late.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>The cause, without the message of StackExchange.Redis, which contains keys.</summary>
    private static string Reason(Exception exception) => exception switch
    {
        RedisServerException refused => refused.Message,
        RedisConnectionException lost => lost.FailureType.ToString(),
        _ => exception.GetType().Name,
    };

    private static async Task<ConnectionMultiplexer> ConnectAsync(RedisOptions options)
    {
        var redis = ConfigurationOptions.Parse(options.ConnectionString);
        redis.AbortOnConnectFail = false;
        redis.BacklogPolicy = BacklogPolicy.FailFast;
        redis.ReconnectRetryPolicy = new ExponentialRetry(deltaBackOffMilliseconds: 250, maxDeltaBackOffMilliseconds: 5_000);
        redis.AsyncTimeout = redis.SyncTimeout = (int)options.CommandTimeout.TotalMilliseconds;
        redis.KeepAlive = 10;
        return await ConnectionMultiplexer.ConnectAsync(redis);
    }

    [LoggerMessage(LogLevel.Warning, "Redis is unavailable ({Reason}).")]
    private partial void LogUnavailable(string reason);

    [LoggerMessage(LogLevel.Information, "Redis is available again.")]
    private partial void LogAvailable();
}

/// <summary>The time for which a request can wait for Redis, shared by all its commands.</summary>
/// <param name="total">The total time.</param>
public sealed class RedisDeadline(TimeSpan total)
{
    /// <summary>The time left; zero or less after the deadline.</summary>
    public TimeSpan Left { get; private set; } = total;

    internal void Spend(TimeSpan waited) => Left -= waited;
}

/// <summary>Redis is unreachable, refused the command or did not answer in time. The command may have been executed.</summary>
public sealed class RedisUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
