namespace SegOps.Bench.Running;

/// <summary>The whole system for one experiment, in a folder that goes with it.</summary>
internal sealed class BenchSystem : IAsyncDisposable
{
    /// <summary>
    /// Lets the demo key send as much as there is to measure, and nothing else send meanwhile. Leases are as long as in production, and not as
    /// short as the app host has them for processes that crash: under full load those lapse, and rows come twice.
    /// </summary>
    internal static readonly IReadOnlyDictionary<string, string> Unlimited = new Dictionary<string, string>
    {
        ["Plans__Enterprise__CallsPerMinute"] = "1000000",
        ["Limits__MonitoringCallsPerMinute"] = "1000000",
        ["Canary__Enabled"] = "false",
        ["PubSub__Subscriber__AckDeadline"] = "00:01:00",
        ["PubSub__Subscriber__ExtendBefore"] = "00:00:15",
    };

    /// <summary>The emulator keeps all that was ever published, which is tens of millions of events here.</summary>
    private const int PubSubHeapMegabytes = 6_144;

    private readonly ScratchFolder _folder;

    private BenchSystem(ScratchFolder folder, LocalSystem system)
    {
        _folder = folder;
        System = system;
    }

    /// <summary>It runs.</summary>
    internal LocalSystem System { get; }

    /// <summary>Starts one.</summary>
    /// <param name="change">Changes what it is started with: by default <see cref="Unlimited"/> settings.</param>
    /// <param name="cancellationToken">Breaks it off; then nothing runs.</param>
    internal static async Task<BenchSystem> StartAsync(Func<LocalSystemOptions, LocalSystemOptions> change, CancellationToken cancellationToken)
    {
        var folder = new ScratchFolder();
        try
        {
            var options = new LocalSystemOptions { DataDirectory = folder.Path, ServiceEnvironment = Unlimited, PubSubHeapMegabytes = PubSubHeapMegabytes };
            return new BenchSystem(folder, await LocalSystem.StartAsync(change(options), cancellationToken));
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Starts one with <see cref="Unlimited"/> settings.</summary>
    internal static Task<BenchSystem> StartAsync(CancellationToken cancellationToken) => StartAsync(options => options, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await System.DisposeAsync();
        _folder.Dispose();
    }
}
