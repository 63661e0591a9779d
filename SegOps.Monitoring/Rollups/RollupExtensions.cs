using SegOps.ServiceDefaults.Configuration;

namespace SegOps.Monitoring.Rollups;

/// <summary>Roll-ups, in one call.</summary>
internal static class RollupExtensions
{
    internal static WebApplicationBuilder AddRollups(this WebApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<RollupOptions>(RollupOptions.Section);
        builder.Services.AddSingleton<QuarterRollups>();
        builder.Services.AddSingleton<RollupWorker>();
        builder.Services.AddHostedService(static provider => provider.GetRequiredService<RollupWorker>());
        return builder;
    }
}
