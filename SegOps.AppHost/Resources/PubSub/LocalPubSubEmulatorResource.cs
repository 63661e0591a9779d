namespace SegOps.AppHost.Resources.PubSub;

/// <summary>Google's Pub/Sub emulator, as a local process or a container. It accepts every project id.</summary>
internal interface IPubSubEmulatorResource : IResourceWithConnectionString, IResourceWithEndpoints
{
    /// <summary>The project that the services use.</summary>
    const string ProjectId = "segops";
}

/// <summary>
/// Google's Pub/Sub emulator as a java process. It keeps all messages in memory, also acked ones, with about 1.4 KB of overhead each (measured
/// with version 0.8.20). When its heap is full, it exits and is restarted. It is started as java, because a SIGTERM to gcloud would leave java
/// running.
/// </summary>
/// <param name="name">The resource's name.</param>
/// <param name="folder">The working directory.</param>
internal sealed class LocalPubSubEmulatorResource(string name, string folder) : ExecutableResource(name, "java", folder), IPubSubEmulatorResource
{
    /// <summary>The HTTP and gRPC endpoint.</summary>
    public EndpointReference Endpoint => field ??= new(this, "http");

    /// <inheritdoc/>
    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"Endpoint=http://127.0.0.1:{Endpoint.Property(EndpointProperty.Port)};ProjectId={IPubSubEmulatorResource.ProjectId}");
}

internal static class LocalPubSubEmulatorExtensions
{
    private const int MaxNurseryMegabytes = 64;
    private const string JarFolder = "platform/pubsub-emulator/lib";

    /// <summary>Adds the emulator with a heap of at most <paramref name="heapMegabytes"/>.</summary>
    public static IResourceBuilder<LocalPubSubEmulatorResource> AddLocalPubSubEmulator(this IDistributedApplicationBuilder builder, string name, int heapMegabytes)
    {
        var resource = new LocalPubSubEmulatorResource(name, builder.AppHostDirectory);
        return builder.AddResource(resource)
            .WithHttpEndpoint(name: "http", isProxied: false)
            .WithArgs(JavaOptions(heapMegabytes))
            .WithArgs(context =>
            {
                foreach (var argument in (object[])["-jar", FindJar() ?? "", "--host=127.0.0.1"])
                    context.Args.Add(argument);
                context.Args.Add(ReferenceExpression.Create($"--port={resource.Endpoint.Property(EndpointProperty.TargetPort)}"));
            })
            .WithPrerequisite(FindMissing)
            .WithTopicsHealthCheck()
            .WithAnnotation(new PartAnnotation(PartAnnotation.Server))
            .WithIconName("ArrowRouting")
            .ExcludeFromManifest();
    }

    /// <summary>Healthy when the API lists topics.</summary>
    public static IResourceBuilder<T> WithTopicsHealthCheck<T>(this IResourceBuilder<T> builder)
        where T : IPubSubEmulatorResource =>
        builder.WithPollingHttpHealthCheck("topics", $"/v1/projects/{IPubSubEmulatorResource.ProjectId}/topics");

    /// <summary>
    /// JVM options. With a full heap, the default collector would collect forever and the emulator would stop answering; the parallel collector
    /// detects this and exits. Nearly all objects survive: a small nursery keeps pauses short, and a heap of fixed size avoids long ones. The
    /// operating system commits memory only as the heap fills.
    /// </summary>
    internal static string[] JavaOptions(int heapMegabytes) =>
    [
        $"-Xms{heapMegabytes}m", $"-Xmx{heapMegabytes}m", $"-Xmn{Math.Min(MaxNurseryMegabytes, heapMegabytes / 4)}m",
        "-XX:+UseParallelGC", "-XX:GCTimeLimit=80", "-XX:GCHeapFreeLimit=5", "-XX:+ExitOnOutOfMemoryError",
    ];

    private static PrerequisiteException? FindMissing()
    {
        if (Executables.FindOnPath("java") is null)
            return new PrerequisiteException(
                "Java is not on PATH; the Pub/Sub emulator needs it.",
                "sudo apt-get install -y --no-install-recommends default-jre-headless",
                "brew install --cask temurin");
        return FindJar() is not null ? null : new PrerequisiteException(
            "The Google Pub/Sub emulator is not installed.",
            "sudo apt-get install -y google-cloud-cli-pubsub-emulator   (after https://cloud.google.com/sdk/docs/install#deb)",
            "gcloud components install pubsub-emulator");
    }

    /// <summary>The path of the emulator's jar. Searched: the SDK of the environment variables, Debian's package, the SDK of gcloud on PATH.</summary>
    internal static string? FindJar() => SdkRoots()
        .Select(root => Path.Combine(root, JarFolder))
        .Where(Directory.Exists)
        .SelectMany(folder => Directory.EnumerateFiles(folder, "cloud-pubsub-emulator-*.jar"))
        .FirstOrDefault();

    private static IEnumerable<string> SdkRoots()
    {
        foreach (var variable in (string[])["GOOGLE_CLOUD_SDK", "CLOUDSDK_ROOT_DIR"])
            if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } root)
                yield return root;
        yield return "/usr/lib/google-cloud-sdk";
        if (Executables.FindOnPath("gcloud") is { } gcloud)
            yield return Path.GetFullPath("../..", File.ResolveLinkTarget(gcloud, returnFinalTarget: true)?.FullName ?? gcloud);
    }
}
