namespace SegOps.Ingestion.Ledger;

/// <summary>Adds the count of what was received.</summary>
internal static class LedgerExtensions
{
    /// <summary>Adds <see cref="ReceivedCounts"/> and their way to Redis, which <c>AddQuota</c> adds.</summary>
    public static IHostApplicationBuilder AddLedger(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ReceivedCounts>();
        builder.Services.AddHostedService<ReceivedWriter>();
        return builder;
    }
}
