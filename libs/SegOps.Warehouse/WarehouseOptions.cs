using System.ComponentModel.DataAnnotations;
using ClickHouse.Driver.ADO;
using Microsoft.Extensions.Options;
using SegOps.ServiceDefaults.Configuration;

namespace SegOps.Warehouse;

/// <summary>Configuration section <c>Warehouse</c>, and the connection string <c>clickhouse</c>.</summary>
public sealed class WarehouseOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Warehouse";

    private const string DefaultDatabase = "segops";

    /// <summary><c>ConnectionStrings:clickhouse</c> in ClickHouse.Driver's form; no default.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>Deadline of a query of <see cref="WarehouseReader"/>; then the answer is 503, and ClickHouse stops the query. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00", ErrorMessage = "Warehouse:Deadline must be from 00:00:01 to 00:05:00.")]
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The connection string's parts. The default database is <c>segops</c>.</summary>
    public ClickHouseClientSettings ToSettings()
    {
        var builder = new ClickHouseConnectionStringBuilder(ConnectionString);
        if (!builder.ContainsKey("Database"))
            builder.Database = DefaultDatabase;
        return new ClickHouseClientSettings(builder);
    }
}

/// <summary>Validates the connection string.</summary>
internal sealed class WarehouseOptionsValidator : IValidateOptions<WarehouseOptions>
{
    private const string Form = "It must have the form Host=..;Port=..;Username=..;Password=..;Database=segops.";

    public ValidateOptionsResult Validate(string? name, WarehouseOptions options)
    {
        List<string> faults = [.. ValidatedOptions.AnnotationFaults(options)];
        if (ConnectionFault(options) is { } fault)
            faults.Add(fault);
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }

    private static string? ConnectionFault(WarehouseOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.ConnectionString))
            return $"ConnectionStrings:clickhouse is required. {Form}";
        try
        {
            // Statements contain the database's name, not as a parameter.
            return options.ToSettings().Database.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')
                ? null
                : "ConnectionStrings:clickhouse: Database must consist of letters, digits, '_' and '-'.";
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException or InvalidOperationException)
        {
            // The parser's message can quote the password.
            return $"ConnectionStrings:clickhouse is invalid. {Form}";
        }
    }
}
