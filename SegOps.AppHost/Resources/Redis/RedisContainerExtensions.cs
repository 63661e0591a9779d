using SegOps.AppHost.Data;
using SegOps.AppHost.Publishing;

namespace SegOps.AppHost.Resources.Redis;

internal static class RedisContainerExtensions
{
    private static readonly string[] Settings = ["--appendonly", "yes", "--maxmemory-policy", "noeviction"];

    /// <summary>Adds Aspire's Redis container with an append-only file and without eviction, so that it keeps all keys and usage.</summary>
    public static IResourceBuilder<RedisResource> AddRedisContainer(
        this IDistributedApplicationBuilder builder, string name, DataFolder data, IResourceBuilder<ParameterResource> password) =>
        builder.AddRedis(name, password: password)
            .WithImageTag("8.2.7")
            .WithoutHttpsCertificate()
            .WithArgs(context =>
            {
                // When publishing, Aspire passes the whole command as one shell argument.
                if (context.Args is [.., string command] && builder.ExecutionContext.IsPublishMode)
                    context.Args[^1] = $"{command} {string.Join(' ', Settings)}";
                else
                    foreach (var argument in Settings)
                        context.Args.Add(argument);
            })
            .WithDataVolume(data, "/data")
            .PublishWithHealthCheck("CMD-SHELL", "REDISCLI_AUTH=$REDIS_PASSWORD redis-cli ping | grep -q PONG")
            .WithIconName("Memory");
}
