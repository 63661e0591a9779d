using SegOps.ServiceDefaults.Configuration;

namespace SegOps.Ingestion.Receipts;

/// <summary>Adds what remembers accepted events.</summary>
internal static class ReceiptExtensions
{
    /// <summary>Adds <see cref="ReceiptWriter"/>, which uses the quota's connection to Redis.</summary>
    public static IHostApplicationBuilder AddReceipts(this IHostApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<ReceiptOptions>(ReceiptOptions.Section);
        builder.Services.AddSingleton<ReceiptWriter>();
        return builder;
    }
}
