using System.Data.Common;
using SegOps.AppHost.Resources.Redis;
using StackExchange.Redis;

namespace SegOps.AppHost.Servers;

/// <summary>Asks the servers that configuration names whether they are there, before anything is started on them.</summary>
internal static class ExternalServers
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly HttpClient Http = new();

    /// <summary>Adds the check of the server <paramref name="name"/>, and gives a Redis that is on this machine the demo keys.</summary>
    public static void CheckBeforeStart(this IDistributedApplicationBuilder builder, string name, string connectionString) => builder.OnBeforeStart(async (_, cancellationToken) =>
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await (name switch
            {
                "redis" => AskRedisAsync(connectionString, patience.Token),
                "clickhouse" => AskAsync(ClickHouseUrl(connectionString), patience.Token),
                _ => Setting(connectionString, "Endpoint") is { } emulator ? AskAsync(emulator, patience.Token) : Task.CompletedTask,
            });
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StartException($"The server that ConnectionStrings:{name} names does not answer ({exception.Message}). Start it, or leave the connection string out to use an own one.");
        }
    });

    private static async Task AskRedisAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(connectionString).WaitAsync(cancellationToken);
        await connection.GetDatabase().PingAsync().WaitAsync(cancellationToken);
        if (DemoKeys.MayBeWrittenTo(connectionString))
            await DemoKeys.WriteAsync(connectionString);
    }

    private static async Task AskAsync(string url, CancellationToken cancellationToken)
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
