using System.Runtime.CompilerServices;

// Most tests wait for servers, timeouts and one another's hosts for most of their time: two threads would leave two cores idle, and with six each test takes twice as long.
[assembly: Xunit.v3.Parallelization(MaxThreads = 4)]

namespace SegOps.Tests.Fixtures;

/// <summary>Environment variables of every host and process that a test starts.</summary>
internal static class TestRun
{
    [ModuleInitializer]
    internal static void SetEnvironment()
    {
        // Each watcher of a settings file takes a thread and one of the user's 128 inotify instances. The files do not change.
        Environment.SetEnvironmentVariable("DOTNET_hostBuilder__reloadConfigOnChange", "false");

        // Most code of a test run is executed a few times only. Compiling it again with profiles takes a sixth of the processor time.
        Environment.SetEnvironmentVariable("DOTNET_TieredPGO", "0");
        Environment.SetEnvironmentVariable("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1");
    }
}
