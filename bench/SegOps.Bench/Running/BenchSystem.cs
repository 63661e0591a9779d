namespace SegOps.Bench.Running;

/// <summary>The whole system for one experiment. Its data is deleted with it.</summary>
internal sealed class BenchSystem : IAsyncDisposable
{
    /// <summary>
    /// Removes the demo key's rate limits and disables the canary. Leases are as long as in production, because the app host's short leases
    /// expire under full load and cause duplicates.
    /// </summary>
    internal static readonly IReadOnlyDictionary<string, string> Unlimited = new Dictionary<string, string>
    {
        ["Plans__Enterprise__CallsPerMinute"] = "1000000",
        ["Limits__MonitoringCallsPerMinute"] = "1000000",
        ["Canary__Enabled"] = "false",
        ["PubSub__Subscriber__AckDeadline"] = "00:01:00",
        ["PubSub__Subscriber__ExtendBefore"] = "00:00:15",

        // The runtime's default. The app host delays optimised code to start sooner; experiments measure optimised code.
        ["DOTNET_TC_CallCountingDelayMs"] = "100",
    };

    /// <summary>The emulator keeps every message, here tens of millions of events.</summary>
    private const int PubSubHeapMegabytes = 6_144;

    private readonly ScratchFolder _folder;

    private BenchSystem(ScratchFolder folder, LocalSystem system)
    {
        _folder = folder;
        System = system;
    }

    /// <summary>The running system.</summary>
    internal LocalSystem System { get; }

    /// <summary>Starts a system.</summary>
    /// <param name="change">Changes the options, which have <see cref="Unlimited"/> settings.</param>
    /// <param name="cancellationToken">Aborts the start and stops all parts.</param>
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

    /// <summary>Starts a system with <see cref="Unlimited"/> settings.</summary>
    internal static Task<BenchSystem> StartAsync(CancellationToken cancellationToken) => StartAsync(options => options, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await System.DisposeAsync();
        _folder.Dispose();
    }
}
