using SegOps.AppHost.Data;
using SegOps.AppHost.Publishing;

namespace SegOps.AppHost.Resources.Redis;

internal static class RedisContainerExtensions
{
    /// <summary>Adds Aspire's Redis container, which writes each change to its append-only file: keys and usage outlive it.</summary>
    public static IResourceBuilder<RedisResource> AddRedisContainer(
        this IDistributedApplicationBuilder builder, string name, DataFolder data, IResourceBuilder<ParameterResource> password) =>
        builder.AddRedis(name, password: password)
            .WithImageTag("8.2.7")
            .WithoutHttpsCertificate()
            .WithArgs(context =>
            {
                // Published, Aspire puts the whole command into one argument of the shell.
                if (context.Args is [.., string command] && builder.ExecutionContext.IsPublishMode)
                    context.Args[^1] = command + " --appendonly yes";
                else
                    foreach (var argument in (string[])["--appendonly", "yes"])
                        context.Args.Add(argument);
            })
            .WithDataVolume(data, "/data")
            .PublishWithHealthCheck("CMD-SHELL", "REDISCLI_AUTH=$REDIS_PASSWORD redis-cli ping | grep -q PONG")
            .WithIconName("Memory");
}
