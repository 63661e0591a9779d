using System.Globalization;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using StackExchange.Redis;

namespace SegOps.Gateway.Keys;

/// <summary>Reads keys and their projects from Redis. Connects in the background, and again whenever the connection is lost.</summary>
internal sealed partial class KeyStore(IOptions<KeyStoreOptions> options, ILogger<KeyStore> logger) : IAsyncDisposable
{
    private static readonly RedisValue[] KeyFields = [ApiKeyFields.Project, ApiKeyFields.RevokedAt];
    private readonly Lazy<Task<ConnectionMultiplexer>> _connection = new(() => ConnectAsync(options.Value, logger));

    /// <summary>Whether <paramref name="connectionString"/> names a server in a form that StackExchange.Redis understands.</summary>
    internal static bool CanParse(string connectionString)
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

    /// <summary>Starts connecting without waiting for it.</summary>
    internal void Connect() => _ = _connection.Value;

    /// <summary>Fails when Redis does not answer.</summary>
    internal async Task PingAsync(CancellationToken cancellationToken) =>
        await (await DatabaseAsync().WaitAsync(cancellationToken)).PingAsync().WaitAsync(cancellationToken);

    /// <summary>Reads a key.</summary>
    /// <param name="key">What the client sent.</param>
    /// <param name="expectedProject">The project it belonged to before, which makes this one round trip rather than two.</param>
    /// <returns>Null when nobody issued the key, or its project is gone.</returns>
    /// <exception cref="RedisException">Redis is away or refused.</exception>
    internal async Task<KeyGrant?> FindAsync(ApiKey key, string? expectedProject)
    {
        var redis = await DatabaseAsync();
        var fieldsRead = redis.HashGetAsync(RedisKeys.ApiKey(key.Hash), KeyFields);
        var planRead = expectedProject is null ? null : ReadPlanAsync(redis, expectedProject);

        // Both are awaited even if the first fails, so that no fault goes unobserved.
        if (planRead is not null)
            await Task.WhenAll(fieldsRead, planRead);
        var fields = await fieldsRead;
        if ((string?)fields[0] is not { Length: > 0 } project)
            return null;

        var plan = planRead is null || project != expectedProject ? await ReadPlanAsync(redis, project) : await planRead;
        return plan is { Length: > 0 } ? new KeyGrant(project, key.Environment, plan, RevokedAt(fields[1])) : null;
    }

    /// <summary>Closes the connection, if there is one.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_connection is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            await (await _connection.Value).DisposeAsync();
    }

    private async Task<IDatabase> DatabaseAsync() => (await _connection.Value).GetDatabase();

    private static async Task<string?> ReadPlanAsync(IDatabase redis, string project) =>
        await redis.HashGetAsync(RedisKeys.Project(project), ProjectFields.Plan);

    private static DateTimeOffset? RevokedAt(RedisValue value) =>
        value.IsNull ? null
        : long.TryParse((string?)value, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : DateTimeOffset.MinValue; // Somebody meant to revoke it, so that an unreadable time must not keep it alive.

    private static async Task<ConnectionMultiplexer> ConnectAsync(KeyStoreOptions options, ILogger logger)
    {
        var redis = ConfigurationOptions.Parse(options.ConnectionString);
        redis.AbortOnConnectFail = false;
        redis.BacklogPolicy = BacklogPolicy.FailFast;
        redis.ReconnectRetryPolicy = new ExponentialRetry(deltaBackOffMilliseconds: 250, maxDeltaBackOffMilliseconds: 5_000);
        redis.AsyncTimeout = redis.SyncTimeout = (int)options.LookupDeadline.TotalMilliseconds;
        redis.KeepAlive = 10;

        var connection = await ConnectionMultiplexer.ConnectAsync(redis);
        connection.ConnectionFailed += (_, failure) =>
        {
            if (failure.ConnectionType == ConnectionType.Interactive)
                LogLost(logger, failure.FailureType);
        };
        connection.ConnectionRestored += (_, restored) =>
        {
            if (restored.ConnectionType == ConnectionType.Interactive)
                LogRestored(logger);
        };
        if (!connection.IsConnected)
            LogLost(logger, ConnectionFailureType.UnableToConnect);
        return connection;
    }

    [LoggerMessage(LogLevel.Warning, "The key store is away ({Failure}): keys already seen keep working from memory.")]
    private static partial void LogLost(ILogger logger, ConnectionFailureType failure);

    [LoggerMessage(LogLevel.Information, "The key store is back.")]
    private static partial void LogRestored(ILogger logger);
}
