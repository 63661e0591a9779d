using SegOps.Contracts;
using StackExchange.Redis;

namespace SegOps.AppHost.Resources.Redis;

/// <summary>A project made for trying things out, with a key that everybody who reads this file knows.</summary>
/// <param name="Label">What people call it.</param>
/// <param name="ProjectId">The project.</param>
/// <param name="Plan">The project's plan.</param>
/// <param name="Key">The key's whole text.</param>
internal sealed record DemoKey(string Label, string ProjectId, string Plan, string Key);

/// <summary>
/// One key and project for each plan, and a test key. They are no secrets, so they are written only into a Redis that nobody
/// else can reach.
/// </summary>
internal static class DemoKeys
{
    public static readonly DemoKey Free = new("free", "demo-free", "free", "sk_live_DemoFree0000000000000000000000001Qa6Fg");
    public static readonly DemoKey Starter = new("starter", "demo-starter", "starter", "sk_live_DemoStarter0000000000000000000001rrY8t");
    public static readonly DemoKey Business = new("business", "demo-business", "business", "sk_live_DemoBusiness000000000000000000000PRzmm");
    public static readonly DemoKey Enterprise = new("enterprise", "demo-enterprise", "enterprise", "sk_live_DemoEnterprise0000000000000000004GUpFO");

    /// <summary>Its events are stored apart from those of <see cref="Free"/>, whose project it belongs to.</summary>
    public static readonly DemoKey Test = new("test", "demo-free", "free", "sk_test_DemoTest0000000000000000000000002o6fvQ");

    public static readonly IReadOnlyList<DemoKey> All = [Free, Starter, Business, Enterprise, Test];

    /// <summary>Whether the Redis at <paramref name="connectionString"/> is on this machine alone, as far as its addresses tell.</summary>
    public static bool MayBeWrittenTo(string connectionString) =>
        ConfigurationOptions.Parse(connectionString).EndPoints.All(endpoint => endpoint switch
        {
            System.Net.IPEndPoint { Address: var address } => System.Net.IPAddress.IsLoopback(address),
            System.Net.DnsEndPoint { Host: var host } => host == "localhost",
            System.Net.Sockets.UnixDomainSocketEndPoint => true,
            _ => false,
        });

    /// <summary>Writes the projects and the keys' hashes; again does nothing new.</summary>
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
    /// <summary>Writes the demo keys each time this Redis has become ready, if it is on this machine alone. Everybody knows them: they are never published.</summary>
    public static IResourceBuilder<T> WithDemoKeys<T>(this IResourceBuilder<T> redis)
        where T : class, IResourceWithConnectionString => redis.ApplicationBuilder.ExecutionContext.IsPublishMode
            ? redis
            : redis.OnResourceReady(async (resource, _, cancellationToken) =>
            {
                var connectionString = await resource.GetConnectionStringAsync(cancellationToken);
                if (connectionString is not null && DemoKeys.MayBeWrittenTo(connectionString))
                    await DemoKeys.WriteAsync(connectionString);
            });
}
