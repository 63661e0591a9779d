using System.Data.Common;
using SegOps.Standalone.Processes;
using StackExchange.Redis;

namespace SegOps.Standalone.Parts;

/// <summary>Asks the servers that somebody named whether they are there, before anything is started on them.</summary>
internal static class ExternalServers
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Those that do not answer. Google's own Pub/Sub is not asked: the services report what is wrong with its credentials.</summary>
    public static async Task<IEnumerable<Missing>> FindUnreachableAsync(LocalSystemOptions options, CancellationToken cancellationToken)
    {
        var found = await Task.WhenAll(
            CheckAsync("--redis", options.Redis, RedisAnswersAsync, cancellationToken),
            CheckAsync("--clickhouse", options.ClickHouse, (text, token) => HttpProbe.For(ClickHouseUrl(text))(token), cancellationToken),
            CheckAsync("--pubsub", options.PubSub, EmulatorAnswersAsync, cancellationToken));
        return found.OfType<Missing>();
    }

    private static async Task<Missing?> CheckAsync(
        string option, string? connectionString, Func<string, CancellationToken, Task<bool>> answers, CancellationToken cancellationToken)
    {
        if (connectionString is null)
            return null;

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Patience);
        try
        {
            if (await answers(connectionString, timeout.Token))
                return null;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // A wrong connection string and an absent server are mended in the same place.
        }
        return new Missing($"The server that {option} names does not answer.", [$"start it, or leave {option} out to use an own one"]);
    }

    private static async Task<bool> RedisAnswersAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(connectionString).WaitAsync(cancellationToken);
        await connection.GetDatabase().PingAsync().WaitAsync(cancellationToken);
        return true;
    }

    private static string ClickHouseUrl(string connectionString)
    {
        var settings = new DbConnectionStringBuilder { ConnectionString = connectionString };
        var protocol = Setting("Protocol") ?? "http";
        return $"{protocol}://{Setting("Host") ?? "localhost"}:{Setting("Port") ?? (protocol == "https" ? "8443" : "8123")}/ping";

        string? Setting(string name) => settings.TryGetValue(name, out var value) ? value.ToString() : null;
    }

    private static async Task<bool> EmulatorAnswersAsync(string connectionString, CancellationToken cancellationToken)
    {
        var settings = new DbConnectionStringBuilder { ConnectionString = connectionString };
        return !settings.TryGetValue("Endpoint", out var endpoint) || await HttpProbe.For(endpoint.ToString()!)(cancellationToken);
    }
}
