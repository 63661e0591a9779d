using System.ComponentModel.DataAnnotations;
using SegOps.ServiceDefaults.Configuration;

namespace SegOps.Monitoring.Rollups;

/// <summary>Adds the roll-ups.</summary>
internal static class RollupExtensions
{
    /// <summary>Adds the accounts' worker. The quota adds Redis.</summary>
    internal static WebApplicationBuilder AddRollups(this WebApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<RollupOptions>(RollupOptions.Section);
        builder.Services.AddSingleton<AccountChanges>();
        builder.Services.AddSingleton<CrowdedProjects>();
        builder.Services.AddSingleton<SliceCounter>();
        builder.Services.AddSingleton<DuplicateSearch>();
        builder.Services.AddSingleton<RollupWorker>();
        builder.Services.AddHostedService(static provider => provider.GetRequiredService<RollupWorker>());
        return builder;
    }
}

/// <summary>Configuration section <c>Rollups</c>: the updates of the accounts.</summary>
internal sealed class RollupOptions
{
    internal const string Section = "Rollups";

    /// <summary>Minimum pause between passes. After a long pass, the pause is nine times its duration, up to a minute. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00", ErrorMessage = "Rollups:Interval must be from 00:00:00.1 to 00:10:00.")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Deadline of a statement in ClickHouse that counts slices; then the next pass retries it. Default 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = "Rollups:QueryDeadline must be from 00:00:01 to 00:10:00.")]
    public TimeSpan QueryDeadline { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Maximum event types of a project and day (UTC) that are counted by name; further ones are counted together. Default 10,000. A lower value applies
    /// from the next day.
    /// </summary>
    [Range(1, 1_000_000, ErrorMessage = "Rollups:MaxEventTypes must be from 1 to 1,000,000.")]
    public int MaxEventTypes { get; set; } = 10_000;
}
