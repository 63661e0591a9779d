using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace SegOps.Tests.AppHost;

/// <summary>The app host's model, built as the app host builds it, with nothing started.</summary>
internal static class AppModel
{
    public static readonly string[] Services = ["gateway", "ingestion", "ingestor", "monitoring", "segments"];

    /// <summary>For a run on this machine.</summary>
    public static Task<IDistributedApplicationTestingBuilder> ForRunAsync(params string[] arguments) => BuildAsync(arguments);

    /// <summary>For a publication.</summary>
    public static Task<IDistributedApplicationTestingBuilder> ForPublicationAsync(params string[] arguments) =>
        BuildAsync(["--operation", "publish", "--step", "publish", .. arguments]);

    /// <summary>The resources that are parts of SegOps, by name: without parameters and the orchestrator's own.</summary>
    public static Dictionary<string, IResource> Parts(this IDistributedApplicationTestingBuilder builder) => builder.Resources
        .Where(resource => resource is ProjectResource or ExecutableResource or ContainerResource or IResourceWithConnectionString)
        .Where(resource => !resource.Name.EndsWith("-rebuilder", StringComparison.Ordinal))
        .ToDictionary(resource => resource.Name);

    private static Task<IDistributedApplicationTestingBuilder> BuildAsync(string[] arguments) =>
        DistributedApplicationTestingBuilder.CreateAsync<Projects.SegOps_AppHost>(arguments, TestContext.Current.CancellationToken);
}
