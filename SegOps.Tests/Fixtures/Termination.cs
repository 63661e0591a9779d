using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SegOps.Tests.Fixtures;

/// <summary>
/// Ends the run at SIGTERM, and with it the servers that it has started. The hosts that tests start catch the signal, each to stop itself, and the
/// run would go on.
/// </summary>
internal static class Termination
{
    private const int EndedBySigTerm = 128 + 15;
    private static PosixSignalRegistration? _registration;

    [ModuleInitializer]
    internal static void Register() => _registration = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Environment.Exit(EndedBySigTerm));
}
