using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using SegOps.AppHost.Data;
using SegOps.AppHost.Resources;

namespace SegOps.AppHost.Lifecycle;

/// <summary>Tracks the processes of the parts, to stop them, and to let a run after a crash wait for them.</summary>
internal sealed partial class RunningParts(ResourceNotificationService notifications, DataFolder data)
{
    private const int SigKill = 9;
    private const int SigTerm = 15;

    private readonly ConcurrentDictionary<string, int> _processes = new();

    /// <summary>Tracks the resources until <paramref name="stopping"/> is cancelled.</summary>
    public async Task WatchAsync(CancellationToken stopping)
    {
        await foreach (var part in notifications.WatchAsync(stopping))
            if (part.Resource.HasAnnotationOfType<PartAnnotation>() && ProcessOf(part.Snapshot) is { } id && _processes.GetValueOrDefault(part.Resource.Name) != id)
            {
                _processes[part.Resource.Name] = id;
                data.Note(part.Resource.Name, id);
            }
    }

    /// <summary>Sends SIGTERM, and SIGKILL after <paramref name="grace"/> or when <paramref name="force"/> is cancelled.</summary>
    public async Task StopAsync(string part, TimeSpan grace, CancellationToken force)
    {
        if (!_processes.TryGetValue(part, out var id) || Find(id) is not { } process)
            return;

        using (process)
        using (var timeout = CancellationTokenSource.CreateLinkedTokenSource(force))
        {
            timeout.CancelAfter(grace);
            try
            {
                if (!timeout.IsCancellationRequested)
                    _ = Signal(id, SigTerm);
                await process.WaitForExitAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                _ = Signal(id, SigKill);
            }
        }
    }

    private static int? ProcessOf(CustomResourceSnapshot snapshot) =>
        snapshot.State?.Text == KnownResourceStates.Running
        && snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value is { } value
            ? Convert.ToInt32(value, System.Globalization.CultureInfo.InvariantCulture)
            : null;

    private static Process? Find(int id)
    {
        try
        {
            return Process.GetProcessById(id);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Signal(int processId, int signal);
}
