using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using SegOps.ServiceDefaults.Configuration;
using StackExchange.Redis;

namespace SegOps.ServiceDefaults.Redis;

/// <summary>Registration of Redis in a service.</summary>
public static class RedisExtensions
{
    /// <summary>Adds <see cref="RedisConnection"/> and the health check <c>redis</c>.</summary>
    /// <param name="builder">The service.</param>
    /// <param name="whenUnavailable">The service's behaviour while Redis is unavailable: the end of the health check's sentence.</param>
    public static IHostApplicationBuilder AddRedis(this IHostApplicationBuilder builder, string whenUnavailable)
    {
        var services = builder.Services;
        services.AddValidatedOptions<RedisOptions>(RedisOptions.Section)
            .Configure<IConfiguration>(static (options, configuration) => options.ConnectionString = configuration.GetConnectionString("redis") ?? "")
            .Validate(static options => options.ConnectionString == "" || RedisOptions.CanParse(options.ConnectionString),
                "ConnectionStrings:redis is invalid. It must have StackExchange.Redis's form, for example host:6380,password=...,ssl=true.");
        services.AddSingleton<RedisConnection>();
        services.AddSingleton<DurableRedis>();
        services.AddSingleton<RedisServers>();
        services.AddHostedService<WarmUp>();
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            "redis",
            provider => ActivatorUtilities.CreateInstance<RedisHealthCheck>(provider, whenUnavailable),
            failureStatus: null,
            tags: null,
            timeout: TimeSpan.FromSeconds(1)));
        return builder;
    }

    /// <summary>Reads the Lua script <paramref name="file"/>, embedded in the folder of <paramref name="type"/>.</summary>
    /// <exception cref="InvalidOperationException">The script is not embedded.</exception>
    public static string ReadScript(Type type, string file)
    {
        using var stream = type.Assembly.GetManifestResourceStream(type, file)
            ?? throw new InvalidOperationException($"{file} is not embedded in the folder of {type.FullName}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>
    /// Connects, runs a script and reports the state of Redis before the server listens. The deadline of the first request would otherwise include
    /// the connection and the compilation of the code. Delays the start by at most <see cref="Limit"/>.
    /// </summary>
    private sealed class WarmUp(RedisConnection redis, RedisServers servers) : IHostedService
    {
        private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

        public async Task StartAsync(CancellationToken cancellationToken) =>
            await Task.WhenAny(RunAsync(), Task.Delay(Limit, cancellationToken));

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        private async Task RunAsync()
        {
            try
            {
                await redis.RunAsync(database => database.PingAsync());
                await redis.AskAsync(database => database.ScriptEvaluateAsync("return 1"), new RedisDeadline(Limit));
                await servers.ReadAsync();
            }
            catch (RedisUnavailableException)
            {
                // The connection logs the failure, and the health check reports it.
            }
        }
    }
}

/// <summary>Configuration section <c>Redis</c>, and the connection string <c>redis</c>.</summary>
public sealed class RedisOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Redis";

    /// <summary><c>ConnectionStrings:redis</c> in StackExchange.Redis's form; no default.</summary>
    [Required(ErrorMessage = "ConnectionStrings:redis is required, for example localhost:6379 or host:6380,password=...,ssl=true.")]
    public string ConnectionString { get; set; } = "";

    /// <summary>Maximum total wait of a request for Redis before it continues without it. Default 50 ms: ample for a key in Redis's memory.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00", ErrorMessage = "Redis:Deadline must be from 00:00:00.001 to 00:01:00.")]
    public TimeSpan Deadline { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Maximum wait for an answer without which the request fails, such as the lookup of an unknown key. Default 1 s. <see cref="Deadline"/>
    /// applies if it is longer.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00", ErrorMessage = "Redis:LookupDeadline must be from 00:00:00.001 to 00:01:00.")]
    public TimeSpan LookupDeadline { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Timeout of a background command. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:01:00", ErrorMessage = "Redis:CommandTimeout must be from 00:00:00.01 to 00:01:00.")]
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether <paramref name="connectionString"/> is valid and names a server.</summary>
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
}
