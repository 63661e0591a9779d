using SegOps.Conformance;
using SegOps.Conformance.Reference;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;
using Xunit.Sdk;

// Each scenario mostly waits. More than two at once would make a slow machine too slow for the scenarios that measure.
[assembly: Xunit.v3.Parallelization(Mode = ParallelMode.All, MaxThreads = 2)]

// The runner's own tests start this program again as the reference driver. Otherwise this is what xunit generates.
return args switch
{
    [ReferenceDriver.Argument, .. var faults] => await ReferenceDriver.RunAsync(faults),
    _ when args.Contains("--server") || args.Contains("--internal-msbuild-node") =>
        await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
    _ => await ConsoleRunner.Run(args),
};
