using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SegOps.Standalone.Processes;

/// <summary>
/// The wish to stop: Ctrl+C, SIGTERM, a closed terminal, or the end of the <c>dotnet run</c> that started this process (which
/// passes on no SIGKILL). The second one is impatient.
/// </summary>
internal sealed partial class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _force = new();
    private readonly List<PosixSignalRegistration> _registrations;

    public StopSignals()
    {
        _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }
            .Select(signal => PosixSignalRegistration.Create(signal, OnSignal))];
        _ = StopWithDotnetRunAsync();
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Cancelled by the second Ctrl+C.</summary>
    public CancellationToken Force => _force.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _stop.Dispose();
        _force.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (_stop.IsCancellationRequested && context.Signal == PosixSignal.SIGINT)
            _force.Cancel();
        _stop.Cancel();
    }

    private async Task StopWithDotnetRunAsync()
    {
        try
        {
            using var parent = Process.GetProcessById(ParentId());
            if (parent.ProcessName != "dotnet")
                return;
            await parent.WaitForExitAsync(_stop.Token);
        }
        catch (ArgumentException)
        {
            // It is gone already.
        }
        catch (OperationCanceledException)
        {
            return;
        }
        await _stop.CancelAsync();
    }

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int ParentId();
}
