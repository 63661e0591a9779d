using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using SegOps.Bench.Processes;

namespace SegOps.Bench.Running;

/// <summary>A service or server of a <see cref="LocalSystem"/>. The app host restarts a part whose process ends without a stop command.</summary>
internal sealed class Part(string name, string resourceId, DistributedApplication app)
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);

    /// <summary>The resource's name.</summary>
    public string Name => name;

    /// <summary>The id of the running or the last process.</summary>
    public int Id => ProcessId ?? throw new InvalidOperationException($"{name} has no process.");

    /// <summary>Whether the process is running.</summary>
    public bool IsRunning => ProcessId is { } id && IsAlive(id);

    /// <summary>Sends SIGKILL and waits until the process has exited. Does nothing if there is none.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        if (ProcessId is not { } id)
            return;
        Signals.Send(id, Signals.Kill);
        await WaitForEndAsync(id, cancellationToken);
    }

    /// <summary>
    /// Sends SIGTERM, and SIGKILL after <paramref name="grace"/>. Waits until the process has exited. Does nothing if there is none.
    /// </summary>
    public async Task TerminateAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        if (ProcessId is not { } id)
            return;
        Signals.Send(id, Signals.Terminate);
        try
        {
            await WaitForEndAsync(id, cancellationToken).WaitAsync(grace, cancellationToken);
        }
        catch (TimeoutException)
        {
            await KillAsync(cancellationToken);
        }
    }

    /// <summary>Sends SIGSTOP. The process keeps its connections and is suspended until <see cref="Resume"/>. Does nothing if there is none.</summary>
    public void Pause() => Send(Signals.Stop);

    /// <summary>Sends SIGCONT, which ends <see cref="Pause"/>.</summary>
    public void Resume() => Send(Signals.Continue);

    /// <summary>Stops the part by the app host's command. It stays stopped until <see cref="StartAsync"/>.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var id = Id;
        await ExecuteAsync(KnownResourceCommands.StopCommand, cancellationToken);
        await app.ResourceNotifications.WaitForResourceAsync(name, KnownResourceStates.TerminalStates, cancellationToken);
        await WaitForEndAsync(id, cancellationToken);
    }

    /// <summary>Starts the part and waits until it is ready.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var before = Id;
        await ExecuteAsync(KnownResourceCommands.StartCommand, cancellationToken);
        await WaitForRestartAsync(before, cancellationToken);
        await Readiness.WaitAsync(Readiness.Of(HealthUrl), StartTimeout, cancellationToken);
    }

    /// <summary>Waits until a process other than <paramref name="before"/> is running. It may not be ready.</summary>
    public async Task WaitForRestartAsync(int before, CancellationToken cancellationToken) => await app.ResourceNotifications.WaitForResourceAsync(
        name,
        change => change.Snapshot.State?.Text == KnownResourceStates.Running && ProcessOf(change.Snapshot) is { } id && id != before,
        cancellationToken).WaitAsync(StartTimeout, cancellationToken);

    /// <summary>Waits until the orchestrator has given up a start of the part.</summary>
    public async Task WaitForFailedStartAsync(CancellationToken cancellationToken) => await app.ResourceNotifications.WaitForResourceAsync(
        name, KnownResourceStates.FailedToStart, cancellationToken).WaitAsync(StartTimeout, cancellationToken);

    private int? ProcessId => app.ResourceNotifications.TryGetCurrentState(resourceId, out var state) ? ProcessOf(state.Snapshot) : null;

    private string HealthUrl => new Uri(app.GetEndpoint(name, "http"), name switch
    {
        "clickhouse" => "/ping",
        "pubsub" => "/",
        _ => "/health",
    }).ToString();

    private void Send(int signal)
    {
        if (ProcessId is { } id)
            Signals.Send(id, signal);
    }

    private async Task ExecuteAsync(string command, CancellationToken cancellationToken)
    {
        var result = await app.ResourceCommands.ExecuteCommandAsync(resourceId, command, cancellationToken);
        if (!result.Success)
            throw new InvalidOperationException($"'{command}' of {name} failed: {result.Message}");
    }

    private static async Task WaitForEndAsync(int processId, CancellationToken cancellationToken)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (ArgumentException)
        {
            // Already exited.
        }
    }

    private static bool IsAlive(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>A part that is just restarted can have 0 as its id.</summary>
    private static int? ProcessOf(CustomResourceSnapshot snapshot) =>
        snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value is { } value
        && Convert.ToInt32(value, CultureInfo.InvariantCulture) is > 0 and var id
            ? id
            : null;
}
