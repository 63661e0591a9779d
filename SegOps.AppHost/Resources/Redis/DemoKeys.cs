using SegOps.Contracts;
using StackExchange.Redis;

namespace SegOps.AppHost.Resources.Redis;

/// <summary>A demo project with a public API key.</summary>
/// <param name="Label">The display name.</param>
/// <param name="ProjectId">The project's id.</param>
/// <param name="Plan">The project's plan.</param>
/// <param name="Key">The full API key.</param>
internal sealed record DemoKey(string Label, string ProjectId, string Plan, string Key);

/// <summary>
/// A project and key for each plan, a test key and a publishable key. The keys are public, so they are only written to a Redis that is not reachable from other
/// machines.
/// </summary>
internal static class DemoKeys
{
    public static readonly DemoKey Free = new("free", "demo-free", "free", "sk_live_DemoFree0000000000000000000000001Qa6Fg");
    public static readonly DemoKey Starter = new("starter", "demo-starter", "starter", "sk_live_DemoStarter0000000000000000000001rrY8t");
    public static readonly DemoKey Business = new("business", "demo-business", "business", "sk_live_DemoBusiness000000000000000000000PRzmm");
    public static readonly DemoKey Enterprise = new("enterprise", "demo-enterprise", "enterprise", "sk_live_DemoEnterprise0000000000000000004GUpFO");

    /// <summary>A test key of the project of <see cref="Free"/>. Its events are stored separately.</summary>
    public static readonly DemoKey Test = new("test", "demo-free", "free", "sk_test_DemoTest0000000000000000000000002o6fvQ");

    /// <summary>A publishable key of the project of <see cref="Free"/>, for every origin. It only sends events.</summary>
    public static readonly DemoKey Publishable = new("publishable", "demo-free", "free", "pk_live_DemoPublishable000000000000000002NyLFs");

    public static readonly IReadOnlyList<DemoKey> All = [Free, Starter, Business, Enterprise, Test, Publishable];

    /// <summary>Whether all addresses of <paramref name="connectionString"/> are on this machine.</summary>
    public static bool IsLocal(string connectionString) =>
        ConfigurationOptions.Parse(connectionString).EndPoints.All(endpoint => endpoint switch
        {
            System.Net.IPEndPoint { Address: var address } => System.Net.IPAddress.IsLoopback(address),
            System.Net.DnsEndPoint { Host: var host } => host == "localhost",
            System.Net.Sockets.UnixDomainSocketEndPoint => true,
            _ => false,
        });

    /// <summary>Writes the projects and the hashes of the keys; idempotent.</summary>
    public static async Task WriteAsync(string connectionString)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(connectionString);
        var redis = connection.GetDatabase();
        var now = TimeProvider.System.GetUtcNow();
        await redis.StringSetAsync(RedisKeys.KeyStoreEpoch, Guid.NewGuid().ToString("N"), when: When.NotExists);
        foreach (var demo in All)
        {
            if (!ApiKey.TryParse(demo.Key, out var key))
                throw new InvalidOperationException($"The demo key '{demo.Label}' has a wrong checksum.");
            var id = "key_demo_" + demo.Label;
            await redis.HashSetAsync(RedisKeys.Project(demo.ProjectId), Entries(KeyRecords.Project(demo.Plan, demo.ProjectId, now)));
            await redis.SortedSetAddAsync(RedisKeys.Projects, demo.ProjectId, now.ToUnixTimeMilliseconds(), SortedSetWhen.NotExists);
            await redis.HashSetAsync(RedisKeys.ApiKey(key.Hash), Entries(KeyRecords.Key(demo.Key, id, demo.ProjectId, demo.Label, now)));
            await redis.HashSetAsync(RedisKeys.ProjectKeys(demo.ProjectId), id, key.Hash);
        }
    }

    private static HashEntry[] Entries(KeyValuePair<string, string>[] fields) => [.. fields.Select(field => new HashEntry(field.Key, field.Value))];
}

internal static class DemoKeyExtensions
{
    /// <summary>Writes the demo keys whenever this Redis becomes ready, if it is on this machine. Demo keys are never published.</summary>
    public static IResourceBuilder<T> WithDemoKeys<T>(this IResourceBuilder<T> redis)
        where T : class, IResourceWithConnectionString => redis.ApplicationBuilder.ExecutionContext.IsPublishMode
            ? redis
            : redis.OnResourceReady(async (resource, _, cancellationToken) =>
            {
                var connectionString = await resource.GetConnectionStringAsync(cancellationToken);
                if (connectionString is not null && DemoKeys.IsLocal(connectionString))
                    await DemoKeys.WriteAsync(connectionString);
            });
}
