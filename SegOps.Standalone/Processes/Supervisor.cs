using System.Globalization;

namespace SegOps.Standalone.Processes;

/// <summary>Starts a server again whenever it ends, ever more slowly while it keeps ending.</summary>
/// <param name="server">A server that is started.</param>
/// <param name="announce">Told in a sentence about each end and each start.</param>
internal sealed class Supervisor(ServerProcess server, Action<string> announce) : IAsyncDisposable
{
    /// <summary>sysexits.h EX_CONFIG, which services end with when a setting is wrong: starting them again cannot help.</summary>
    private const int ConfigurationFault = 78;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    /// <summary>Having run this long it counts as healthy, and the next delay is the first again.</summary>
    private static readonly TimeSpan Healthy = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stopping = new();
    private Task _watching = Task.CompletedTask;

    /// <summary>The supervised server.</summary>
    public ServerProcess Server => server;

    /// <summary>Begins to watch.</summary>
    public void Watch() => _watching = WatchAsync(_stopping.Token);

    /// <summary>Stops watching, then the server.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        await _stopping.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await server.StopAsync(grace);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(ChildProcess.DefaultGrace);
        await server.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task WatchAsync(CancellationToken stopping)
    {
        var delay = FirstDelay;
        while (true)
        {
            var started = TimeProvider.System.GetTimestamp();
            var status = await server.Child.Exited.WaitAsync(stopping);
            if (status == ConfigurationFault)
            {
                announce("ended because of its settings and is not started again.");
                return;
            }
            if (TimeProvider.System.GetElapsedTime(started) > Healthy)
                delay = FirstDelay;

            do
            {
                announce(string.Create(CultureInfo.InvariantCulture, $"ended ({Describe(status)}); starting it again in {delay.TotalSeconds} s."));
                await Task.Delay(delay, stopping);
                delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
            }
            while (!await TryStartAsync(stopping));
            announce("answers again.");
        }
    }

    private async Task<bool> TryStartAsync(CancellationToken stopping)
    {
        try
        {
            await server.StartAsync(stopping);
            return true;
        }
        catch (ServerStartException failure)
        {
            announce(failure.Message);
            return false;
        }
    }

    private static string Describe(int status) => status > 128
        ? string.Create(CultureInfo.InvariantCulture, $"signal {status - 128}")
        : string.Create(CultureInfo.InvariantCulture, $"status {status}");
}
