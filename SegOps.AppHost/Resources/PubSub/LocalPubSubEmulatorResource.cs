namespace SegOps.AppHost.Resources.PubSub;

/// <summary>Google's Pub/Sub emulator, in whatever form it runs. It has every project one asks for.</summary>
internal interface IPubSubEmulatorResource : IResourceWithConnectionString, IResourceWithEndpoints
{
    /// <summary>The project that the services use.</summary>
    const string ProjectId = "segops";
}

/// <summary>
/// Google's Pub/Sub emulator as a java process. It keeps messages in memory only, and for ever: acked ones too, some 1.4 KB each beside their
/// bytes (measured with version 0.8.20). When its heap is full it ends, and is started anew. Started as java itself: a SIGTERM to gcloud would
/// leave java behind.
/// </summary>
/// <param name="name">The resource's name.</param>
/// <param name="folder">Where it is started.</param>
internal sealed class LocalPubSubEmulatorResource(string name, string folder) : ExecutableResource(name, "java", folder), IPubSubEmulatorResource
{
    /// <summary>Where it listens.</summary>
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

    /// <summary>Healthy once the API answers, not only the port.</summary>
    public static IResourceBuilder<T> WithTopicsHealthCheck<T>(this IResourceBuilder<T> builder)
        where T : IPubSubEmulatorResource =>
        builder.WithPatientHttpHealthCheck("topics", $"/v1/projects/{IPubSubEmulatorResource.ProjectId}/topics");

    /// <summary>
    /// With a full heap it would collect garbage for ever and answer nobody; this collector knows when that is of no use. Nearly everything stays:
    /// a small nursery makes for short pauses, and a heap that need not grow for no long ones. Memory is only taken as it fills.
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

    /// <summary>The emulator's jar in the Google Cloud SDK that the environment names, Debian's package, or gcloud's own folder.</summary>
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
