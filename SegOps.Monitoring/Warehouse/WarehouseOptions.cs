using System.ComponentModel.DataAnnotations;
using ClickHouse.Driver.ADO;

namespace SegOps.Monitoring.Warehouse;

/// <summary>Configuration section <c>Warehouse</c>, and the connection string <c>clickhouse</c>.</summary>
internal sealed class WarehouseOptions
{
    internal const string Section = "Warehouse";

    /// <summary><c>ConnectionStrings:clickhouse</c> in ClickHouse.Driver's form; no default.</summary>
    [Required(ErrorMessage = "ConnectionStrings:clickhouse is required. It takes the form Host=..;Port=..;Username=..;Password=..;Database=segops.")]
    public string ConnectionString { get; set; } = "";

    /// <summary>How long one query may take; then 503. ClickHouse itself stops it then too. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00", ErrorMessage = "Warehouse:Deadline must be from 00:00:01 to 00:05:00.")]
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The connection string's parts, with the database <c>segops</c> when it names none.</summary>
    internal ClickHouseClientSettings ToSettings()
    {
        var builder = new ClickHouseConnectionStringBuilder(ConnectionString);
        if (!builder.ContainsKey("Database"))
            builder.Database = "segops";
        return new ClickHouseClientSettings(builder);
    }

    internal bool CanConnect()
    {
        try
        {
            return ConnectionString == "" || ToSettings().Host != "";
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException or InvalidOperationException)
        {
            return false;
        }
    }
}
