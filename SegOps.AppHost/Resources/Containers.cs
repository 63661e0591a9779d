using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using SegOps.AppHost.Data;

namespace SegOps.AppHost.Resources;

/// <summary>Data volumes of containers, and the check of the container engine.</summary>
internal static class Containers
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Stores a container's data in a volume. In run mode the volume belongs to <paramref name="data"/>, which holds the passwords and separates
    /// checkouts.
    /// </summary>
    public static IResourceBuilder<T> WithDataVolume<T>(this IResourceBuilder<T> container, DataFolder data, string target)
        where T : ContainerResource
    {
        if (container.ApplicationBuilder.ExecutionContext.IsPublishMode)
            return container.WithVolume($"{container.Resource.Name}-data", target);

        // Earlier, the folder is not open, and a fresh start has not changed the number yet.
        container.ApplicationBuilder.OnBeforeStart((_, _) =>
        {
            container.WithVolume($"segops-{data.VolumeNumber}-{container.Resource.Name}", target);
            return Task.CompletedTask;
        });
        return container;
    }

    /// <summary>Checks before the start that a container engine answers. Aspire would wait for it forever.</summary>
    public static void RequireContainerEngine(this IDistributedApplicationBuilder builder)
    {
        if (builder.ExecutionContext.IsRunMode)
            builder.OnBeforeStart(async (_, cancellationToken) =>
            {
                if (builder.Resources.OfType<ContainerResource>().Any() && await FindFaultAsync(builder.Configuration, cancellationToken) is { } fault)
                    throw new StartException($"{fault} Servers run as containers with --containers, or if the embedded ClickHouse has no build for this platform.");
            });
    }

    private static async Task<string?> FindFaultAsync(ConfigurationManager configuration, CancellationToken cancellationToken)
    {
        var named = configuration["ASPIRE_CONTAINER_RUNTIME"] ?? configuration["DOTNET_ASPIRE_CONTAINER_RUNTIME"];
        string[] engines = named is { Length: > 0 } ? [named] : ["docker", "podman"];
        if (Array.Find(engines, engine => Executables.FindOnPath(engine) is not null) is not { } engine)
            return $"No container engine: {string.Join(" or ", engines)} is not on PATH.";

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        using var process = Process.Start(new ProcessStartInfo(engine, ["container", "ls", "--quiet"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            var error = process.StandardError.ReadToEndAsync(timeout.Token);
            await process.StandardOutput.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            return process.ExitCode == 0 ? null : $"{engine} failed: {(await error).Trim()}";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            process.Kill();
            return $"{engine} does not answer.";
        }
    }
}
