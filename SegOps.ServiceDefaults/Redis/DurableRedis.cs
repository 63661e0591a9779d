using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace SegOps.ServiceDefaults.Redis;

/// <summary>
/// A second connection, for rare changes that must survive a crash of Redis's machine, such as the revocation of a key. With
/// <c>appendfsync everysec</c> Redis answers up to a second before a change is on its disk. WAITAOF (Redis 7.2) waits for the disk. It also holds
/// up its connection, so that requests need another one.
/// </summary>
public sealed class DurableRedis : IAsyncDisposable
{
    /// <summary>Redis writes to its disk every second, and later on a slow disk.</summary>
    private static readonly TimeSpan DiskTimeout = TimeSpan.FromSeconds(5);

    private readonly RedisConnection _connection;

    /// <summary>Connects when first used.</summary>
    public DurableRedis(IOptions<RedisOptions> options, TimeProvider clock, ILogger<RedisConnection> logger)
    {
        // A command can wait behind WAITAOF of an earlier change.
        var patient = new RedisOptions { ConnectionString = options.Value.ConnectionString, CommandTimeout = options.Value.CommandTimeout + (2 * DiskTimeout) };
        _connection = new(Options.Create(patient), clock, logger);
    }

    /// <summary>Reads without waiting for the disk.</summary>
    /// <exception cref="RedisUnavailableException">Redis did not answer, or refused.</exception>
    public Task<T> ReadAsync<T>(Func<IDatabase, Task<T>> command) => _connection.RunAsync(command);

    /// <summary>Makes a change and waits until it is on Redis's disk, if Redis can tell.</summary>
    /// <exception cref="RedisUnavailableException">Redis did not answer, refused, or did not write to its disk in time. The change may hold.</exception>
    public async Task<T> ChangeAsync<T>(Func<IDatabase, Task<T>> command)
    {
        var result = await _connection.RunAsync(command);
        var stored = await _connection.UseAsync(static connection => Task.WhenAll(connection.GetServers()
            .Where(static server => server is { IsConnected: true, IsReplica: false }).Select(IsOnDiskAsync)));

        // Without a connection, no server was asked.
        return stored.Length > 0 && Array.TrueForAll(stored, static onDisk => onDisk) ? result : throw new RedisUnavailableException("Redis did not write to its disk in time.");
    }

    /// <summary>Closes the connection, if any.</summary>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    /// <summary>True if Redis has no WAITAOF or no append-only file, which its health check reports.</summary>
    private static async Task<bool> IsOnDiskAsync(IServer server)
    {
        try
        {
            var stored = await server.ExecuteAsync("WAITAOF", 1, 0, (long)DiskTimeout.TotalMilliseconds);
            return (int)stored[0] == 1;
        }
        catch (RedisServerException refused) when (refused.Kind is RedisErrorKind.UnknownCommand or RedisErrorKind.NoPermission
            || refused.Message.Contains("appendonly is disabled", StringComparison.Ordinal))
        {
            return true;
        }
    }
}
