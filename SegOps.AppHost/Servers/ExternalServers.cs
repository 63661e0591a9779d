using System.Data.Common;
using SegOps.AppHost.Resources.Redis;
using StackExchange.Redis;

namespace SegOps.AppHost.Servers;

/// <summary>Checks before the start that the configured external servers answer.</summary>
internal static class ExternalServers
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private static readonly HttpClient Http = new();

    /// <summary>Adds the check of the server <paramref name="name"/>. It also writes the demo keys to a Redis on this machine.</summary>
    public static void CheckBeforeStart(this IDistributedApplicationBuilder builder, string name, string connectionString) => builder.OnBeforeStart(async (_, cancellationToken) =>
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        try
        {
            await (name switch
            {
                "redis" => CheckRedisAsync(connectionString, timeout.Token),
                "clickhouse" => CheckAsync(ClickHouseUrl(connectionString), timeout.Token),
                _ => Setting(connectionString, "Endpoint") is { } emulator ? CheckAsync(emulator, timeout.Token) : Task.CompletedTask,
            });
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StartException($"The server of ConnectionStrings:{name} does not answer ({exception.Message}). Start it, or omit the connection string to start a local server.");
        }
    });

    private static async Task CheckRedisAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(connectionString).WaitAsync(cancellationToken);
        await connection.GetDatabase().PingAsync().WaitAsync(cancellationToken);
        if (DemoKeys.IsLocal(connectionString))
            await DemoKeys.WriteAsync(connectionString);
    }

    private static async Task CheckAsync(string url, CancellationToken cancellationToken)
    {
        using var response = await Http.GetAsync(new Uri(url), cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    private static string ClickHouseUrl(string connectionString)
    {
        var protocol = Setting(connectionString, "Protocol") ?? "http";
        return $"{protocol}://{Setting(connectionString, "Host") ?? "localhost"}:{Setting(connectionString, "Port") ?? (protocol == "https" ? "8443" : "8123")}/ping";
    }

    private static string? Setting(string connectionString, string name) =>
        new DbConnectionStringBuilder { ConnectionString = connectionString }.TryGetValue(name, out var value) ? value.ToString() : null;
}
