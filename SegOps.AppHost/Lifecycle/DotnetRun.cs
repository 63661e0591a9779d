using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace SegOps.AppHost.Lifecycle;

/// <summary>Stops the app host when its parent <c>dotnet run</c> has ended. A killed <c>dotnet run</c> forwards no signal.</summary>
internal sealed partial class DotnetRun(IHostApplicationLifetime lifetime) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (OperatingSystem.IsWindows())
            return;
        try
        {
            using var parent = Process.GetProcessById(ParentId());
            if (parent.ProcessName != "dotnet")
                return;
            await parent.WaitForExitAsync(stoppingToken);
        }
        catch (ArgumentException)
        {
            // The parent has already ended.
        }
        lifetime.StopApplication();
    }

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int ParentId();
}
