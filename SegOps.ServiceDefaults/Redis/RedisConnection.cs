using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace SegOps.ServiceDefaults.Redis;

/// <summary>
/// A service's one connection to Redis: made in the background, and again whenever it is lost. No request waits for Redis longer than its
/// <see cref="RedisBudget"/>, and while an answer is overdue, none waits at all.
/// </summary>
public sealed partial class RedisConnection : IAsyncDisposable
{
    private readonly RedisOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<RedisConnection> _logger;
    private readonly Lazy<Task<ConnectionMultiplexer>> _connection;
    private Task _overdue = Task.CompletedTask;
    private volatile bool _away;

    /// <summary>Connects when first used.</summary>
    public RedisConnection(IOptions<RedisOptions> options, TimeProvider clock, ILogger<RedisConnection> logger)
    {
        (_options, _clock, _logger) = (options.Value, clock, logger);
        _connection = new(() => ConnectAsync(_options));
    }

    /// <summary>Whether <paramref name="connectionString"/> names a server in a form that StackExchange.Redis understands.</summary>
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

    /// <summary>What a new request may wait: <see cref="RedisOptions.Deadline"/>, or less if it has waited elsewhere.</summary>
    public RedisBudget NewBudget(TimeSpan? left = null) => new(left < _options.Deadline ? left.Value : _options.Deadline);

    /// <summary>Runs <paramref name="command"/> for a request that waits. What is late goes on: a write may still be carried out.</summary>
    /// <exception cref="RedisUnavailableException">There was no answer within <paramref name="budget"/>.</exception>
    public async Task<T> AskAsync<T>(Func<IDatabase, Task<T>> command, RedisBudget budget, CancellationToken cancellationToken = default)
    {
        if (!_overdue.IsCompleted)
            throw new RedisUnavailableException("Redis has yet to answer an earlier command.");
        if (budget.Left <= TimeSpan.Zero)
            throw new RedisUnavailableException("The request has waited for Redis as long as it may.");

        var began = _clock.GetTimestamp();
        var answer = RunAsync(command);
        try
        {
            return await answer.WaitAsync(budget.Left, _clock, cancellationToken);
        }
        catch (TimeoutException exception)
        {
            if (answer.IsCompletedSuccessfully) // On a busy machine both are late, and either may be seen first.
                return await answer;
            _overdue = answer;
            throw new RedisUnavailableException("Redis did not answer in time.", exception);
        }
        finally
        {
            budget.Spend(_clock.GetElapsedTime(began));
            Observe(answer);
        }
    }

    /// <summary>Runs <paramref name="command"/> where no request waits, for at most <see cref="RedisOptions.CommandTimeout"/>.</summary>
    /// <exception cref="RedisUnavailableException">Redis did not answer, or refused.</exception>
    public async Task<T> RunAsync<T>(Func<IDatabase, Task<T>> command)
    {
        try
        {
            var result = await command((await _connection.Value).GetDatabase());
            if (_away)
            {
                _away = false;
                LogBack();
            }
            return result;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            if (!_away)
            {
                _away = true;
                LogAway(Reason(exception));
            }
            throw new RedisUnavailableException("Redis did not answer.", exception);
        }
    }

    /// <summary>Closes the connection, if there is one.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_connection is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            await (await _connection.Value).DisposeAsync();
    }

    /// <summary>Nobody may be there any more to see a late failure.</summary>
    private static void Observe(Task answer)
    {
        if (!answer.IsCompleted)
            _ = answer.ContinueWith(static late => _ = late.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>What went wrong, without the command: StackExchange.Redis's messages name keys.</summary>
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

    [LoggerMessage(LogLevel.Warning, "Redis is away ({Reason}).")]
    private partial void LogAway(string reason);

    [LoggerMessage(LogLevel.Information, "Redis is back.")]
    private partial void LogBack();
}
