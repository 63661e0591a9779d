using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using SegOps.ServiceDefaults.Configuration;

namespace SegOps.Warehouse;

/// <summary>Adds the connection to ClickHouse.</summary>
public static class WarehouseExtensions
{
    /// <summary>Adds the options, the connection, <see cref="WarehouseReader"/> and <see cref="ClickHouseInserter"/>.</summary>
    public static TBuilder AddWarehouse<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        var services = builder.Services;
        services.AddValidatedOptions<WarehouseOptions, WarehouseOptionsValidator>(WarehouseOptions.Section)
            .Configure<IConfiguration>(static (options, configuration) => options.ConnectionString = configuration.GetConnectionString("clickhouse") ?? "");
        services.AddSingleton(static provider => provider.GetRequiredService<IOptions<WarehouseOptions>>().Value.ToSettings());
        services.AddSingleton<WarehouseHttpClient>();
        services.AddSingleton<WarehouseReader>();
        services.AddSingleton<ClickHouseInserter>();
        return builder;
    }
}

/// <summary>
/// The connections to ClickHouse. They do not use the factory: its handlers retry calls and set short timeouts, while each caller here
/// has its own deadline and its own retries.
/// </summary>
public sealed class WarehouseHttpClient : HttpClient
{
    /// <summary>Connects within 2 s and renews connections every 5 minutes, to follow changes of DNS.</summary>
    public WarehouseHttpClient()
        : base(new SocketsHttpHandler
        {
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = TimeSpan.FromSeconds(2),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        }) => Timeout = System.Threading.Timeout.InfiniteTimeSpan;
}
