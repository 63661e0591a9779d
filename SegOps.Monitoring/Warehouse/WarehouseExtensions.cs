using SegOps.ServiceDefaults.Configuration;

namespace SegOps.Monitoring.Warehouse;

/// <summary>Reading from ClickHouse.</summary>
internal static class WarehouseExtensions
{
    internal static WebApplicationBuilder AddWarehouse(this WebApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<WarehouseOptions>(WarehouseOptions.Section)
            .Configure<IConfiguration>(static (options, configuration) => options.ConnectionString = configuration.GetConnectionString("clickhouse") ?? "")
            .Validate(
                static options => options.CanConnect(),
                "ConnectionStrings:clickhouse cannot be read. It takes the form Host=..;Port=..;Username=..;Password=..;Database=segops.");
        builder.Services.AddSingleton<WarehouseReader>();
        return builder;
    }
}
