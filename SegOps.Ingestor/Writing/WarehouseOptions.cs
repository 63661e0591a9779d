using ClickHouse.Driver.ADO;
using Microsoft.Extensions.Options;

namespace SegOps.Ingestor.Writing;

/// <summary>The connection string <c>ConnectionStrings:clickhouse</c>, in ClickHouse.Driver's form.</summary>
internal sealed class WarehouseOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "ConnectionStrings";

    /// <summary>Such as <c>Host=localhost;Port=8123;Username=segops;Password=...;Database=segops</c>; no default.</summary>
    public string Clickhouse { get; set; } = "";

    /// <summary>The connection string's parts, with the database <c>segops</c> when it names none.</summary>
    public ClickHouseClientSettings ToSettings()
    {
        var builder = new ClickHouseConnectionStringBuilder(Clickhouse);
        if (!builder.ContainsKey("Database"))
            builder.Database = "segops";
        return new ClickHouseClientSettings(builder);
    }
}

internal sealed class WarehouseOptionsValidator : IValidateOptions<WarehouseOptions>
{
    public ValidateOptionsResult Validate(string? name, WarehouseOptions options)
    {
        const string form = "It takes the form Host=..;Port=..;Username=..;Password=..;Database=segops.";
        if (string.IsNullOrWhiteSpace(options.Clickhouse))
            return ValidateOptionsResult.Fail($"ConnectionStrings:clickhouse is required. {form}");
        try
        {
            var settings = options.ToSettings();
            return settings.Database.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail("ConnectionStrings:clickhouse: Database may hold letters, digits, '_' and '-' only.");
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException or InvalidOperationException)
        {
            // The parser's own message can quote the password.
            return ValidateOptionsResult.Fail($"ConnectionStrings:clickhouse cannot be read. {form}");
        }
    }
}
