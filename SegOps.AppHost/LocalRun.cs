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

/// <summary>What a run on this machine has around Aspire's own: order, restarts, and a console for people.</summary>
internal static class LocalRun
{
    /// <summary>Adds it; published, none of it is of use.</summary>
    public static void AddLocalRun(this IDistributedApplicationBuilder builder, AppHostOptions options)
    {
        if (builder.ExecutionContext.IsPublishMode)
            return;

        // The children are gone when the app host is, and with them whatever would still write into the data folder.
        builder.Configuration.AddInMemoryCollection([new("DcpPublisher:WaitForResourceCleanup", "true")]);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = OrderedStop.Longest);
        builder.OnBeforeStart((_, _) => CheckPort(options.GatewayPort(builder)));
        builder.OnBeforeStart((_, _) => AddEnvironment(builder, options.Environment));
        builder.RequireContainerEngine();

        // A part that is still starting is not a fault to log, and what the host throws is told below.
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

    /// <summary>Runs the app host; faults that the user can mend are told in a sentence.</summary>
    /// <returns>0 after a clean stop, 1 when it could not start.</returns>
    public static async Task<int> RunToEndAsync(this IDistributedApplicationBuilder builder)
    {
        try
        {
            await using (var app = builder.Build())
                await app.RunAsync();
        }
        catch (OperationCanceledException) when (IsProgram)
        {
            // Stopped before everything was started.
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

    /// <summary>Whether this process is the app host itself, not a test that has one.</summary>
    internal static bool IsProgram => System.Reflection.Assembly.GetEntryAssembly() == typeof(LocalRun).Assembly;

    /// <summary>Last of all, so that it wins.</summary>
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
            CultureInfo.InvariantCulture, $"Port {taken} is in use by {PortHolder.Describe(taken)}. Choose another: --port 0 takes a free one."));
}

/// <summary>The app host cannot start; the message says what to do.</summary>
internal sealed class StartException(string message) : Exception(message);
