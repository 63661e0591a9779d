using System.Collections.Concurrent;
using System.Text;
using SegOps.Bench.Processes;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.EndToEnd;

/// <summary>The app host as people run it: a process with arguments, output and signals, and the dashboard.</summary>
internal sealed class AppHostProcess : IAsyncDisposable
{
    /// <summary>Inherited by every process that it starts in whatever way, so that all of them can be found.</summary>
    private const string Mark = "SEGOPS_TEST_APPHOST";

    /// <summary>Aspire itself waits for its orchestrator for 2 min.</summary>
    public static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(3);

    private readonly string _mark;
    private readonly ChildProcess _process;
    private readonly ConcurrentQueue<string> _lines;

    private AppHostProcess(string mark, ChildProcess process, ConcurrentQueue<string> lines)
    {
        _mark = mark;
        _process = process;
        _lines = lines;
    }

    public string Output => string.Join('\n', _lines);

    public int Id => _process.Id;

    public Task<int> Exited => _process.Exited.WaitAsync(TimeSpan.FromSeconds(90), TestContext.Current.CancellationToken);

    public static AppHostProcess Start(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var (mark, lines) = (Guid.NewGuid().ToString(), new ConcurrentQueue<string>());
        var variables = new Dictionary<string, string?>(environment ?? new Dictionary<string, string?>()) { [Mark] = mark };
        return new AppHostProcess(mark, ChildProcess.Start(ChildCommand.Built("SegOps.AppHost", arguments, variables), lines.Enqueue), lines);
    }

    /// <summary>Waits for the whole banner.</summary>
    /// <returns>The gateway's URL.</returns>
    public async Task<Uri> BannerAsync()
    {
        await Eventually.TrueAsync(
            () => Output.Contains("Ctrl+C stops everything.", StringComparison.Ordinal) || _process.Exited.IsCompleted, () => Output, StartPatience);
        Assert.True(!_process.Exited.IsCompleted, Output);
        return new Uri(_lines.Single(line => line.Contains("  Gateway ", StringComparison.Ordinal)).Split(' ')[^1]);
    }

    /// <summary>What the banner says under <paramref name="title"/>, such as <c>admin token</c>.</summary>
    public string Banner(string title) =>
        _lines.Single(line => line.StartsWith($"  {title,-12}", StringComparison.Ordinal))[14..].Split("   ")[0];

    public void Signal(int signal) => _process.Send(signal);

    /// <summary>All processes now that this one has started, itself with them.</summary>
    public IReadOnlyList<string> Processes() =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Where(folder => Path.GetFileName(folder).All(char.IsAsciiDigit) && Read(folder, "environ").Contains($"{Mark}={_mark}", StringComparison.Ordinal))
            .Select(folder => $"{Path.GetFileName(folder)} {Read(folder, "cmdline").Replace('\0', ' ')}"),
    ];

    /// <summary>Waits until none of them runs any more.</summary>
    public Task NoneIsLeftAsync(TimeSpan patience) => Eventually.IsAsync("", () => Task.FromResult(string.Join('\n', Processes())), patience);

    /// <summary>Ends it, and waits for what it started: the folder it used can be deleted then.</summary>
    public async ValueTask DisposeAsync()
    {
        await _process.StopAsync(TimeSpan.FromSeconds(60));
        await NoneIsLeftAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>Empty for a process that is gone or somebody else's; one that only waits to be reaped has no environment either.</summary>
    private static string Read(string process, string file)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(process, file)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
