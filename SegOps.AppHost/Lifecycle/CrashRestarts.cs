using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SegOps.AppHost.Resources;
using SegOps.AppHost.Terminal;

namespace SegOps.AppHost.Lifecycle;

/// <summary>
/// Restarts parts that end unexpectedly, with exponential backoff. The orchestrator does not. It also gives up a start when a part that is waited for
/// ends meanwhile: such a start is tried again, unless it is the first.
/// </summary>
internal sealed partial class CrashRestarts(
    ResourceNotificationService notifications, ResourceCommandService commands, ResourceLoggerService logs, StartReport report, TimeProvider clock, IHostApplicationLifetime lifetime)
    : BackgroundService
{
    /// <summary>sysexits.h EX_CONFIG: the exit code for invalid settings, which a restart cannot correct.</summary>
    private const int ConfigurationError = 78;
    private const int ShownLines = 5;
    private static readonly TimeSpan LogTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    /// <summary>A part that ran this long is restarted with <see cref="FirstDelay"/> again.</summary>
    private static readonly TimeSpan ResetAfter = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, PartState> _parts = new();

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        await foreach (var part in notifications.WatchAsync(stopping.Token))
            if (part.Resource.HasAnnotationOfType<PartAnnotation>() && Crashed(part) is { } delay)
                _ = RestartAsync(part, delay, stopping.Token);
    }

    /// <summary>The delay before the restart if a part has just ended unexpectedly, or did not start again, else null.</summary>
    private TimeSpan? Crashed(ResourceEvent part)
    {
        var known = _parts.GetOrAdd(part.Resource.Name, _ => new());
        var state = part.Snapshot.State?.Text;
        if (state == known.State)
            return null;

        var previous = known.State;
        known.State = state;
        if (state == KnownResourceStates.Running)
            known.RunningSince = clock.GetTimestamp();
        var hasEnded = previous == KnownResourceStates.Running && KnownResourceStates.TerminalStates.Contains(state);
        if (known.RunningSince is not { } since || !(hasEnded || state == KnownResourceStates.FailedToStart))
            return null;

        if (hasEnded && clock.GetElapsedTime(since) > ResetAfter)
            known.Delay = FirstDelay;
        var delay = known.Delay;
        known.Delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        return delay;
    }

    private async Task RestartAsync(ResourceEvent part, TimeSpan delay, CancellationToken stopping)
    {
        var name = part.Resource.Name;
        var log = logs.GetLogger(part.Resource);
        if (part.Snapshot.ExitCode == ConfigurationError)
        {
            report.Incident(name, "ended because of invalid settings and is not restarted:");
            await ShowErrorsAsync(part, stopping);
            LogConfigurationError(log);
            return;
        }

        var sentence = string.Create(CultureInfo.InvariantCulture, $"{End(part.Snapshot)}; restarting it in {delay.TotalSeconds} s.");
        LogRestart(log, sentence);
        report.Incident(name, sentence);
        await Task.Delay(delay, clock, stopping);

        // The user may have started it in the dashboard during the delay.
        if (KnownResourceStates.TerminalStates.Contains(_parts[name].State) && await commands.ExecuteCommandAsync(part.ResourceId, KnownResourceCommands.StartCommand, stopping) is { Success: false } failure)
            report.Incident(name, $"could not be restarted: {failure.Message}");
    }

    private static string End(CustomResourceSnapshot part) => part switch
    {
        { State.Text: var state } when state == KnownResourceStates.FailedToStart => "did not start, perhaps because a part that it needs is not ready",
        { ExitCode: null or < 0 } => "was killed",
        _ => string.Create(CultureInfo.InvariantCulture, $"ended with exit code {part.ExitCode}"),
    };

    /// <summary>Shows the last lines of standard error, without timestamps. They can arrive after the end of the process is reported.</summary>
    private async Task ShowErrorsAsync(ResourceEvent part, CancellationToken stopping)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        timeout.CancelAfter(LogTimeout);
        var lines = new List<string>();
        try
        {
            await foreach (var batch in logs.WatchAsync(part.ResourceId).WithCancellation(timeout.Token))
                lines.AddRange(batch.Where(line => line.IsErrorMessage).Select(line => line.Content[(line.Content.IndexOf(' ', StringComparison.Ordinal) + 1)..]));
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            // The watch never ends by itself.
        }
        foreach (var line in lines.TakeLast(ShownLines))
            report.Incident(part.Resource.Name, line);
    }

    [LoggerMessage(LogLevel.Error, "The process ended because of invalid settings and is not restarted.")]
    private static partial void LogConfigurationError(ILogger log);

    [LoggerMessage(LogLevel.Warning, "The process {Sentence}")]
    private static partial void LogRestart(ILogger log, string sentence);

    private sealed class PartState
    {
        public string? State { get; set; }

        public long? RunningSince { get; set; }

        public TimeSpan Delay { get; set; } = FirstDelay;
    }
}
