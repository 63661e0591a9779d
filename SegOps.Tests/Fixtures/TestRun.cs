using System.Runtime.CompilerServices;

// Most tests wait for servers, timeouts and one another's hosts for most of their time: as many threads as cores would leave the cores idle.
[assembly: Xunit.v3.Parallelization(MaxThreads = 6)]

namespace SegOps.Tests.Fixtures;

/// <summary>What holds for every host that a test starts.</summary>
internal static class TestRun
{
    /// <summary>Hosts watch their settings files, which do not change: a thread and one of 128 inotify instances of the user's for each.</summary>
    [ModuleInitializer]
    internal static void WatchNoFiles() => Environment.SetEnvironmentVariable("DOTNET_hostBuilder__reloadConfigOnChange", "false");
}
