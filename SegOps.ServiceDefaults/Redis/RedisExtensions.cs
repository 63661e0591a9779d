using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using SegOps.ServiceDefaults.Configuration;

namespace SegOps.ServiceDefaults.Redis;

/// <summary>Redis for a service, in one call.</summary>
public static class RedisExtensions
{
    /// <summary>Adds <see cref="RedisConnection"/> and the health check <c>redis</c>.</summary>
    /// <param name="builder">The service.</param>
    /// <param name="whenAway">What the service does while Redis is away, as the second half of a sentence; its health says so.</param>
    public static IHostApplicationBuilder AddRedis(this IHostApplicationBuilder builder, string whenAway)
    {
        var services = builder.Services;
        services.AddValidatedOptions<RedisOptions>(RedisOptions.Section)
            .Configure<IConfiguration>(static (options, configuration) => options.ConnectionString = configuration.GetConnectionString("redis") ?? "")
            .Validate(static options => options.ConnectionString == "" || RedisConnection.CanParse(options.ConnectionString),
                "ConnectionStrings:redis cannot be read: it takes StackExchange.Redis's form, for example host:6380,password=...,ssl=true.");
        services.AddSingleton<RedisConnection>();
        services.AddHostedService<Connector>();
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            RedisHealthCheck.Name,
            provider => new RedisHealthCheck(provider.GetRequiredService<RedisConnection>(), whenAway),
            failureStatus: null,
            tags: null,
            timeout: TimeSpan.FromSeconds(1)));
        return builder;
    }

    /// <summary>Lua for scripts that need the calendar month: defines <c>month_of</c>; see month.lua.</summary>
    public static string MonthScript { get; } = ReadScript(typeof(RedisExtensions), "month.lua");

    /// <summary>Lua for scripts that read a project's calls: defines <c>later_than</c>; see calls.lua.</summary>
    public static string CallsScript { get; } = ReadScript(typeof(RedisExtensions), "calls.lua");

    /// <summary>Lua that corrects a project's monthly figure; see correct.lua.</summary>
    public static string CorrectScript { get; } = ReadScript(typeof(RedisExtensions), "correct.lua");

    /// <summary>The text of the Lua script <paramref name="file"/>, embedded beside <paramref name="neighbour"/>.</summary>
    public static string ReadScript(Type neighbour, string file)
    {
        using var stream = neighbour.Assembly.GetManifestResourceStream(neighbour, file)
            ?? throw new InvalidOperationException($"{file} is not embedded beside {neighbour.FullName}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>
    /// Connects and runs a first script before the first request comes, which otherwise would spend its budget on that and on compiling; holds
    /// up the start only briefly.
    /// </summary>
    private sealed class Connector(RedisConnection redis) : IHostedService
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

        public async Task StartAsync(CancellationToken cancellationToken) =>
            await Task.WhenAny(WarmUpAsync(), Task.Delay(Patience, cancellationToken));

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        private async Task WarmUpAsync()
        {
            try
            {
                await redis.RunAsync(database => database.PingAsync());
                await redis.AskAsync(database => database.ScriptEvaluateAsync("return 1"), new RedisBudget(Patience));
            }
            catch (RedisUnavailableException)
            {
                // It says so itself, and health does.
            }
        }
    }
}
