using System.Globalization;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SegOps.AppHost.Data;
using SegOps.AppHost.Lifecycle;
using SegOps.AppHost.Resources;
using SegOps.AppHost.Terminal;

namespace SegOps.AppHost;

/// <summary>Additions to Aspire for a local run: ordered stop, restarts and console output.</summary>
internal static class LocalRun
{
    /// <summary>Adds the services of a local run; does nothing when publishing.</summary>
    public static void AddLocalRun(this IDistributedApplicationBuilder builder, AppHostOptions options)
    {
        if (builder.ExecutionContext.IsPublishMode)
            return;

        // No child process may outlive the app host and write into the data folder.
        builder.Configuration.AddInMemoryCollection([new("DcpPublisher:WaitForResourceCleanup", "true")]);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = OrderedStop.Longest);
        builder.OnBeforeStart((_, _) => CheckPort(options.GatewayPort(builder)));
        builder.OnBeforeStart((_, _) => AddEnvironment(builder, options.Environment));
        builder.RequireContainerEngine();

        // Failed health checks are expected during the start. RunToEndAsync shows the host's exceptions.
        builder.Services.AddLogging(logging =>
        {
            logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None).AddFilter("Aspire.Hosting.Dcp.DcpHost", LogLevel.Error);
            if (IsProgram)
                logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None).AddFilter("Aspire", LogLevel.Warning).AddFilter("System.Net.Http", LogLevel.Warning).AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        });

        builder.Services
            .AddSingleton(IsProgram ? Screen.ForConsole() : new Screen(TextWriter.Null, colours: false))
            .AddSingleton<Banner>()
            .AddSingleton<StartReport>()
            .AddSingleton<RunningParts>()
            .AddHostedService(services => services.GetRequiredService<StartReport>())
            .AddHostedService<OrderedStop>();
        if (options.Restarts)
            builder.Services.AddHostedService<CrashRestarts>();
        if (IsProgram)
            builder.Services.AddHostedService<DotnetRun>();
    }

    /// <summary>Runs the app host. Errors that the user can correct are shown without a stack trace.</summary>
    /// <returns>0 after a clean stop, 1 if it cannot start.</returns>
    public static async Task<int> RunToEndAsync(this IDistributedApplicationBuilder builder)
    {
        try
        {
            await using (var app = builder.Build())
                await app.RunAsync();
        }
        catch (OperationCanceledException) when (IsProgram)
        {
            // Stopped during the start.
        }
        catch (Exception fault) when (IsProgram && fault is DataFolderException or StartException or IOException { InnerException: AddressInUseException })
        {
            var screen = Screen.ForConsole();
            screen.Write($"  {screen.Red("SegOps cannot start:")} {fault.Message}");
            return 1;
        }
        if (IsProgram && builder.ExecutionContext.IsRunMode)
            Screen.ForConsole().Write("  Stopped.");
        return 0;
    }

    /// <summary>Whether this process is the app host, not a test that hosts one.</summary>
    internal static bool IsProgram => System.Reflection.Assembly.GetEntryAssembly() == typeof(LocalRun).Assembly;

    /// <summary>Runs just before the start, so that these values override all others.</summary>
    private static Task AddEnvironment(IDistributedApplicationBuilder builder, Dictionary<string, string> environment)
    {
        foreach (var service in builder.Resources.OfType<ProjectResource>())
            foreach (var (variable, value) in environment)
                builder.CreateResourceBuilder(service).WithEnvironment(variable, value);
        return Task.CompletedTask;
    }

    private static Task CheckPort(int? port) => port is not { } taken || PortHolder.IsFree(taken)
        ? Task.CompletedTask
        : throw new StartException(string.Create(
            CultureInfo.InvariantCulture, $"Port {taken} is in use by {PortHolder.Describe(taken)}. Choose another with --port; 0 selects a free port."));
}

/// <summary>The app host cannot start. The message tells the user what to do.</summary>
internal sealed class StartException(string message) : Exception(message);
