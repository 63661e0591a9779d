using SegOps.Standalone;
using SegOps.Standalone.CommandLine;
using SegOps.Standalone.Parts;
using SegOps.Standalone.Processes;
using SegOps.Standalone.Terminal;

if (args is [EmbeddedGarnet.Verb, .. var garnet])
    return await EmbeddedGarnet.RunAsync(garnet);
if (args is [DemoKeys.Verb, .. var seed])
    return await DemoKeys.RunAsync(seed);

return await StandaloneCommand.InvokeAsync(args, async settings =>
{
    using var signals = new StopSignals();
    return await new StandaloneRun(settings, Screen.ForConsole(), signals).RunAsync();
});
