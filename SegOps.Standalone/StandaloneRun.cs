using System.Globalization;
using SegOps.Standalone.CommandLine;
using SegOps.Standalone.Parts;
using SegOps.Standalone.Processes;
using SegOps.Standalone.Terminal;

namespace SegOps.Standalone;

/// <summary>One run of Standalone, from its checks to the end of its last child.</summary>
internal sealed class StandaloneRun(StandaloneSettings settings, Screen screen, StopSignals signals)
{
    /// <summary>Runs until it is told to stop.</summary>
    /// <returns>0 after a clean stop, 1 when it could not start.</returns>
    public async Task<int> RunAsync()
    {
        try
        {
            if (await HasAllItNeedsAsync())
                return await RunInDataFolderAsync();
        }
        catch (OperationCanceledException) when (signals.Stop.IsCancellationRequested)
        {
            screen.Write("  Stopped before it was up.");
            return 0;
        }
        catch (Exception failure) when (failure is DataFolderException or ServerStartException or IOException or UnauthorizedAccessException)
        {
            screen.Write($"  {screen.Red("SegOps cannot start:")} {failure.Message}");
        }
        return 1;
    }

    private async Task<bool> HasAllItNeedsAsync()
    {
        var missing = Prerequisites.Find(Options).ToList();
        missing.AddRange(await ExternalServers.FindUnreachableAsync(Options, signals.Stop));
        if (missing.Count == 0)
            return true;

        screen.Write($"  {screen.Red("SegOps cannot start:")} {missing.Count} thing(s) to mend.");
        foreach (var (problem, remedies) in missing)
        {
            screen.Write("");
            screen.Write($"  - {problem}");
            foreach (var remedy in remedies)
                screen.Write("      " + screen.Bold(remedy));
        }
        return false;
    }

    private async Task<int> RunInDataFolderAsync()
    {
        using var data = await DataFolder.OpenAsync(settings.DataDirectory, settings.Fresh, signals.Stop);
        using var logs = new PartLogs(screen, data.Logs, settings.Verbose);
        screen.Write("");
        screen.Write($"  {screen.Bold("Starting SegOps")}");
        await using var system = await LocalSystem.StartAsync(Options with
        {
            DataDirectory = data.FullPath,
            OnLine = logs.Add,
            OnProcess = data.Note,
            OnProgress = (part, line) => screen.Write($"  {screen.Dim("·")} {part,-12}{line}"),
            OnReady = ShowReady,
            OnIncident = (part, sentence) => screen.Write($"{logs.Prefix(part)} {screen.Yellow(sentence)}"),
        }, signals.Stop);

        foreach (var line in Banner.For(system, data.FullPath, screen))
            screen.Write(line);
        logs.Live = true;

        await Task.Delay(Timeout.Infinite, signals.Stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        screen.Write("");
        screen.Write($"  Stopping: each part finishes what it holds. {screen.Dim("Ctrl+C again ends it at once.")}");
        await using var force = signals.Force.Register(system.Kill);
        await system.StopAsync();
        screen.Write("  Stopped.");
        return 0;
    }

    private LocalSystemOptions Options => new()
    {
        DataDirectory = settings.DataDirectory,
        GatewayPort = settings.Port,
        Redis = settings.Redis,
        ClickHouse = settings.ClickHouse,
        PubSub = settings.PubSub,
    };

    private void ShowReady(string part, TimeSpan took) =>
        screen.Write(string.Create(CultureInfo.InvariantCulture, $"  {screen.Green("✓")} {part,-12}{took.TotalSeconds,5:0.0} s"));
}
