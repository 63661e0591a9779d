using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using SegOps.Segments.Store;
using SegOps.ServiceDefaults.Configuration;

namespace SegOps.Segments.Membership;

/// <summary>Adds the members of segments.</summary>
internal static class MembershipExtensions
{
    /// <summary>Adds the passes, their readers and their health check. The service adds Redis, ClickHouse, <see cref="Evaluation.StatementRunner"/> and <see cref="ISegmentDefinitions"/>.</summary>
    internal static WebApplicationBuilder AddMembership(this WebApplicationBuilder builder)
    {
        builder.Services.AddMembership();
        builder.Services.AddHostedService(static provider => provider.GetRequiredService<MembershipWorker>());
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            MembershipTelemetry.Name, static provider => provider.GetRequiredService<MembershipTelemetry>(), failureStatus: null, tags: null));
        return builder;
    }

    /// <summary>Adds the same without starting them.</summary>
    internal static IServiceCollection AddMembership(this IServiceCollection services)
    {
        services.AddValidatedOptions<MembershipOptions>(MembershipOptions.Section);
        services.AddSingleton(static provider => provider.GetRequiredService<IOptions<MembershipOptions>>().Value);
        services.AddSingleton<PassLeader>();
        services.AddSingleton<Statements>();
        services.AddSingleton<ChangedUsers>();
        services.AddSingleton<ComputedSegments>();
        services.AddSingleton<PassSteps>();
        services.AddSingleton<PassClosing>();
        services.AddSingleton<Pass>();
        services.AddSingleton<WholeSegment>();
        services.AddSingleton<MembershipTelemetry>();
        services.AddSingleton<MembershipParts>();
        services.AddSingleton<MembershipWorker>();
        services.AddSingleton<MembershipStatus>();
        services.AddSingleton<MemberReader>();
        services.AddSingleton<ChangeReader>();
        return services;
    }
}
