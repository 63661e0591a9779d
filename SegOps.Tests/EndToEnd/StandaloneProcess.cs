using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using SegOps.Standalone.Parts;
using SegOps.Standalone.Processes;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.EndToEnd;

/// <summary>Standalone as people run it: a process with arguments, output and signals.</summary>
internal sealed partial class StandaloneProcess : IAsyncDisposable
{
    public const int SigInt = 2;
    public const int SigKill = 9;
    public const int SigTerm = 15;

    private readonly ChildProcess _process;
    private readonly ConcurrentQueue<string> _lines;

    private StandaloneProcess(ChildProcess process, ConcurrentQueue<string> lines)
    {
        _process = process;
        _lines = lines;
    }

    public string Output => string.Join('\n', _lines);

    public Task<int> Exited => _process.Exited.WaitAsync(TimeSpan.FromSeconds(90), TestContext.Current.CancellationToken);

    public static async Task<StandaloneProcess> StartAsync(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var lines = new ConcurrentQueue<string>();
        var own = OwnProjects.Command("SegOps.Standalone", arguments);
        var variables = (environment ?? new Dictionary<string, string?>()).Select(variable => $"{variable.Key}={variable.Value}");

        // A guard's children ignore Ctrl+C; this one has to take it as it does in a terminal. The variables are for it, not for the guard.
        var command = own with { FileName = "/usr/bin/env", Arguments = ["--default-signal=INT", .. variables, own.FileName, .. own.Arguments] };
        return new StandaloneProcess(await ChildProcess.StartAsync(command, lines.Enqueue), lines);
    }

    /// <summary>Waits for the whole banner.</summary>
    /// <returns>The gateway's URL.</returns>
    public async Task<Uri> BannerAsync()
    {
        await Eventually.TrueAsync(() => Output.Contains("Ctrl+C stops everything.", StringComparison.Ordinal) || _process.Exited.IsCompleted, () => Output);
        Assert.True(!_process.Exited.IsCompleted, Output);
        return new Uri(_lines.Single(line => line.Contains("  Gateway ", StringComparison.Ordinal)).Split(' ')[^1]);
    }

    public void Signal(int signal) => _ = SendSignal(_process.Id, signal);

    /// <summary>All processes below this one now: guards and parts.</summary>
    public IReadOnlyList<int> Descendants()
    {
        var parents = Directory.EnumerateDirectories("/proc")
            .Select(Path.GetFileName)
            .Where(name => name!.All(char.IsAsciiDigit))
            .Select(name => Stat(int.Parse(name!, CultureInfo.InvariantCulture)))
            .OfType<ProcessStat>()
            .ToLookup(process => process.ParentId, process => process.Id);
        return [.. Below(_process.Id)];

        IEnumerable<int> Below(int id) => parents[id].SelectMany(child => Below(child).Prepend(child));
    }

    /// <summary>Whether a process runs: one that only waits to be reaped does not.</summary>
    public static bool IsAlive(int id) => Stat(id) is { State: not 'Z' };

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static ProcessStat? Stat(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            var afterName = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return new ProcessStat(id, afterName[0][0], int.Parse(afterName[1], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return null;
        }
    }

    private sealed record ProcessStat(int Id, char State, int ParentId);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int processId, int signal);
}
