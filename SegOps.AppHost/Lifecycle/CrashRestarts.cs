using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SegOps.AppHost.Resources;
using SegOps.AppHost.Terminal;

namespace SegOps.AppHost.Lifecycle;

/// <summary>Starts a part again when it ends by itself, ever more slowly while it keeps ending. The orchestrator does not.</summary>
internal sealed partial class CrashRestarts(
    ResourceNotificationService notifications, ResourceCommandService commands, ResourceLoggerService logs, StartReport report, TimeProvider clock, IHostApplicationLifetime lifetime)
    : BackgroundService
{
    /// <summary>sysexits.h EX_CONFIG, which services end with when a setting is wrong: starting them again cannot help.</summary>
    private const int ConfigurationFault = 78;
    private const int ShownLines = 5;
    private static readonly TimeSpan LogPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    /// <summary>Having run this long a part counts as healthy, and the next delay is the first again.</summary>
    private static readonly TimeSpan Healthy = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Course> _courses = new();

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        await foreach (var part in notifications.WatchAsync(stopping.Token))
            if (part.Resource.HasAnnotationOfType<PartAnnotation>() && Crashed(part) is { } delay)
                _ = RestartAsync(part, delay, stopping.Token);
    }

    /// <summary>Whether a part has just ended though nobody asked it to; how long to wait if so.</summary>
    private TimeSpan? Crashed(ResourceEvent part)
    {
        var course = _courses.GetOrAdd(part.Resource.Name, _ => new());
        var state = part.Snapshot.State?.Text;
        if (state == course.State)
            return null;

        var was = course.State;
        course.State = state;
        if (state == KnownResourceStates.Running)
            course.RunningSince = clock.GetTimestamp();
        if (was != KnownResourceStates.Running || !KnownResourceStates.TerminalStates.Contains(state))
            return null;

        if (clock.GetElapsedTime(course.RunningSince) > Healthy)
            course.Delay = FirstDelay;
        var delay = course.Delay;
        course.Delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        return delay;
    }

    private async Task RestartAsync(ResourceEvent part, TimeSpan delay, CancellationToken stopping)
    {
        var name = part.Resource.Name;
        var log = logs.GetLogger(part.Resource);
        if (part.Snapshot.ExitCode == ConfigurationFault)
        {
            report.Incident(name, "ended because of its settings and is not started again:");
            await ShowErrorsAsync(part, stopping);
            LogConfigurationFault(log);
            return;
        }

        var sentence = string.Create(CultureInfo.InvariantCulture, $"{End(part.Snapshot.ExitCode)}; starting it again in {delay.TotalSeconds} s.");
        LogRestart(log, sentence);
        report.Incident(name, sentence);
        await Task.Delay(delay, clock, stopping);

        // Somebody may have started it by hand in the meantime.
        if (KnownResourceStates.TerminalStates.Contains(_courses[name].State) && await commands.ExecuteCommandAsync(part.ResourceId, KnownResourceCommands.StartCommand, stopping) is { Success: false } failure)
            report.Incident(name, $"could not be started again: {failure.Message}");
    }

    private static string End(int? exitCode) => exitCode is null or < 0
        ? "was killed"
        : string.Create(CultureInfo.InvariantCulture, $"ended with exit code {exitCode}");

    /// <summary>What it last wrote to standard error, without the time before each line. It arrives a moment after the end of the process is known.</summary>
    private async Task ShowErrorsAsync(ResourceEvent part, CancellationToken stopping)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        patience.CancelAfter(LogPatience);
        var lines = new List<string>();
        try
        {
            await foreach (var batch in logs.WatchAsync(part.ResourceId).WithCancellation(patience.Token))
                lines.AddRange(batch.Where(line => line.IsErrorMessage).Select(line => line.Content[(line.Content.IndexOf(' ', StringComparison.Ordinal) + 1)..]));
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            // That was all there is.
        }
        foreach (var line in lines.TakeLast(ShownLines))
            report.Incident(part.Resource.Name, line);
    }

    [LoggerMessage(LogLevel.Error, "It ended because of its settings and is not started again.")]
    private static partial void LogConfigurationFault(ILogger log);

    [LoggerMessage(LogLevel.Warning, "It {Sentence}")]
    private static partial void LogRestart(ILogger log, string sentence);

    /// <summary>What a part has been through.</summary>
    private sealed class Course
    {
        public string? State { get; set; }

        public long RunningSince { get; set; }

        public TimeSpan Delay { get; set; } = FirstDelay;
    }
}
