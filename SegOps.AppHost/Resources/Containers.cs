using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using SegOps.AppHost.Data;

namespace SegOps.AppHost.Resources;

/// <summary>What all servers have in common that run as containers.</summary>
internal static class Containers
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Keeps a container's data: in run mode in a volume that belongs to <paramref name="data"/>, so that passwords and data stay together and two
    /// checkouts apart.
    /// </summary>
    public static IResourceBuilder<T> WithDataVolume<T>(this IResourceBuilder<T> container, DataFolder data, string target)
        where T : ContainerResource
    {
        if (container.ApplicationBuilder.ExecutionContext.IsPublishMode)
            return container.WithVolume($"{container.Resource.Name}-data", target);

        // The folder is open only then, and a fresh start has given it another number.
        container.ApplicationBuilder.OnBeforeStart((_, _) =>
        {
            container.WithVolume($"segops-{data.VolumeNumber}-{container.Resource.Name}", target);
            return Task.CompletedTask;
        });
        return container;
    }

    /// <summary>Checks before the start that a container engine answers: Aspire would wait for one.</summary>
    public static void RequireContainerEngine(this IDistributedApplicationBuilder builder)
    {
        if (builder.ExecutionContext.IsRunMode)
            builder.OnBeforeStart(async (_, cancellationToken) =>
            {
                if (builder.Resources.OfType<ContainerResource>().Any() && await FindFaultAsync(builder.Configuration, cancellationToken) is { } fault)
                    throw new StartException($"{fault} The servers were to run as containers; without --containers no container engine is needed, where the embedded ClickHouse has a build.");
            });
    }

    private static async Task<string?> FindFaultAsync(ConfigurationManager configuration, CancellationToken cancellationToken)
    {
        var named = configuration["ASPIRE_CONTAINER_RUNTIME"] ?? configuration["DOTNET_ASPIRE_CONTAINER_RUNTIME"];
        string[] engines = named is { Length: > 0 } ? [named] : ["docker", "podman"];
        if (Array.Find(engines, engine => Executables.FindOnPath(engine) is not null) is not { } engine)
            return $"There is no container engine: {string.Join(" or ", engines)} is not on PATH.";

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        using var process = Process.Start(new ProcessStartInfo(engine, ["container", "ls", "--quiet"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            var error = process.StandardError.ReadToEndAsync(patience.Token);
            await process.StandardOutput.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return process.ExitCode == 0 ? null : $"{engine} does not work: {(await error).Trim()}";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            process.Kill();
            return $"{engine} does not answer.";
        }
    }
}
