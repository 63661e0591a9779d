using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace SegOps.ServiceDefaults.Redis;

/// <summary>
/// The service's connection to Redis. It connects in the background and reconnects after a loss. A request waits for Redis
/// at most until its <see cref="RedisDeadline"/>. While a command has been waiting for longer than that, requests do not wait.
/// </summary>
public sealed partial class RedisConnection : IAsyncDisposable
{
    private static readonly TimeSpan RefusalLogInterval = TimeSpan.FromMinutes(1);

    private readonly RedisOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<RedisConnection> _logger;
    private readonly Lazy<Task<ConnectionMultiplexer>> _connection;
    private volatile Overdue _overdue = new(Task.CompletedTask, 0);
    private volatile bool _unavailable;
    private long? _refusalLoggedAt;

    /// <summary>Connects when first used.</summary>
    public RedisConnection(IOptions<RedisOptions> options, TimeProvider clock, ILogger<RedisConnection> logger)
    {
        (_options, _clock, _logger) = (options.Value, clock, logger);
        _connection = new(() => ConnectAsync(_options));
    }

    /// <summary>The deadline of a new request: <see cref="RedisOptions.Deadline"/>, or the rest that another service has left.</summary>
    public RedisDeadline NewDeadline(TimeSpan? left = null) => new(_options.Deadline, left);

    /// <summary>
    /// The deadline of a question that has no answer without Redis: <see cref="RedisOptions.LookupDeadline"/>, or
    /// <see cref="RedisOptions.Deadline"/> while Redis is known to be unavailable.
    /// </summary>
    public RedisDeadline NewLookupDeadline() =>
        new(_unavailable || _options.LookupDeadline < _options.Deadline ? _options.Deadline : _options.LookupDeadline);

    /// <summary>Runs <paramref name="command"/> for a waiting request. A late command is not cancelled: Redis may still execute it.</summary>
    /// <exception cref="RedisUnavailableException">There was no answer within <paramref name="deadline"/>.</exception>
    public async Task<T> AskAsync<T>(Func<IDatabase, Task<T>> command, RedisDeadline deadline, CancellationToken cancellationToken = default)
    {
        if (_overdue is { Answer.IsCompleted: false } overdue && _clock.GetElapsedTime(overdue.Since) >= deadline.Total)
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
            if (_overdue.Answer.IsCompleted)
                _overdue = new(answer, began);
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
    public Task<T> RunAsync<T>(Func<IDatabase, Task<T>> command) => UseAsync(connection => command(connection.GetDatabase()));

    /// <summary>Calls <paramref name="handler"/> with each message to <paramref name="channel"/> that arrives from now on, also after a reconnect.</summary>
    /// <exception cref="RedisUnavailableException">Redis did not answer, or refused.</exception>
    public Task SubscribeAsync(string channel, Action<string> handler) => UseAsync(async connection =>
    {
        await connection.GetSubscriber().SubscribeAsync(RedisChannel.Literal(channel), (_, message) => handler(message.ToString()));
        return true;
    });

    /// <summary>Runs <paramref name="command"/>, which can choose among the servers of a cluster.</summary>
    /// <exception cref="RedisUnavailableException">Redis did not answer, or refused.</exception>
    internal async Task<T> UseAsync<T>(Func<ConnectionMultiplexer, Task<T>> command)
    {
        try
        {
            var result = await command(await _connection.Value);
            NoteAvailable();
            return result;
        }
        catch (Exception exception) when (exception is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException)
        {
            NoteFailure(exception);
            throw new RedisUnavailableException("Redis did not answer.", exception);
        }
    }

    /// <summary>Whether all servers that are connected are replicas.</summary>
    internal async Task<bool> IsReplicaAsync() =>
        (await _connection.Value).GetServers().Where(static server => server.IsConnected).ToList() is { Count: > 0 } connected
        && connected.TrueForAll(static server => server.IsReplica);

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

    private void NoteAvailable()
    {
        if (!_unavailable)
            return;
        _unavailable = false;
        LogAvailable();
    }

    /// <summary>Logs the cause, without the messages of StackExchange.Redis, which contain keys.</summary>
    private void NoteFailure(Exception exception)
    {
        if (exception is RedisServerException refused)
        {
            // Redis answers. A read-only Redis refuses some commands and executes others, so this is no change of its availability.
            NoteAvailable();
            if (_refusalLoggedAt is { } loggedAt && _clock.GetElapsedTime(loggedAt) < RefusalLogInterval)
                return;
            _refusalLoggedAt = _clock.GetTimestamp();
            LogRefused(refused.Message);
        }
        else if (!_unavailable)
        {
            _unavailable = true;
            LogUnavailable(exception is RedisConnectionException lost ? lost.FailureType.ToString() : exception.GetType().Name);
        }
    }

    private static async Task<ConnectionMultiplexer> ConnectAsync(RedisOptions options)
    {
        var redis = ConfigurationOptions.Parse(options.ConnectionString);
        redis.AbortOnConnectFail = false;
        redis.AllowAdmin = true; // for CONFIG GET, see RedisServers
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

    [LoggerMessage(LogLevel.Warning, "Redis refused a command ({Reason}). Further refusals within a minute are not logged.")]
    private partial void LogRefused(string reason);

    /// <summary>A command for which a request did not wait until the end.</summary>
    /// <param name="Answer">Completes with the command.</param>
    /// <param name="Since">The timestamp at which the command was sent.</param>
    private sealed record Overdue(Task Answer, long Since);
}
