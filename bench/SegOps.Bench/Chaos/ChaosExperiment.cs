using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using SegOps.Bench.Running;
using SegOps.Bench.Storage;
using SegOps.Standalone;
using SegOps.Standalone.Parts;

namespace SegOps.Bench.Chaos;

/// <summary>Sends events while parts are killed and links break; then holds what was accepted against what is stored.</summary>
internal sealed partial class ChaosExperiment : IAsyncDisposable
{
    /// <summary>For what clients have on their way when the last fault ends: a part may be 30 s away from its next start.</summary>
    private static readonly TimeSpan LastAnswers = TimeSpan.FromMinutes(2);

    /// <summary>For the backlog: the emulator goes on leasing to what was killed, for 10 s each time.</summary>
    private static readonly TimeSpan Draining = TimeSpan.FromMinutes(5);

    /// <summary>Longer than leases and opening streams again take, so that what still waits then is what the emulator keeps.</summary>
    private static readonly TimeSpan BeforeReplay = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(2);

    private readonly ScratchFolder _folder = new();
    private readonly ConcurrentDictionary<string, FaultProxy> _links = new();
    private readonly ChaosOptions _options;
    private readonly Action<string> _say;
    private readonly SentEvents[] _sent = [new(DemoKeys.Enterprise), new(DemoKeys.Business), new(DemoKeys.Test)];
    private LocalSystem? _system;

    private ChaosExperiment(ChaosOptions options, Action<string> say)
    {
        _options = options;
        _say = say;
    }

    /// <summary>Injects faults, then waits for all to be stored; <paramref name="say"/> gets what there is to tell, at last the tables.</summary>
    /// <returns>Whether everything accepted is stored, once for each reader, and everything else accounted for.</returns>
    internal static async Task<bool> RunAsync(ChaosOptions options, Action<string> say, CancellationToken cancellationToken)
    {
        say($"Seed {options.Seed}, {options.Length.TotalMinutes:0.##} min.");
        await using var experiment = new ChaosExperiment(options, say);
        return await experiment.RunAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_system is not null)
            await _system.DisposeAsync();
        foreach (var link in _links.Values)
            await link.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var (began, beganAt) = (TimeProvider.System.GetTimestamp(), TimeProvider.System.GetUtcNow());
        var system = _system = await LocalSystem.StartAsync(SystemOptions(), cancellationToken);
        var entrance = _links["client-gateway"] = new FaultProxy(system.GatewayUrl.Port);
        var load = new Load(new Uri($"http://127.0.0.1:{entrance.Port}"), _options.Seed, _sent);
        var faults = new FaultRunner(system, _links, line => Say(line));

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sending = load.RunAsync(enough.Token, giveUp.Token);
        try
        {
            await faults.RunAsync(FaultPlan.Of(_options.Seed, _options.Length, _options.Only), cancellationToken);
            Say("All faults are lifted.");
        }
        finally
        {
            await enough.CancelAsync();
            giveUp.CancelAfter(LastAnswers);
            await sending;
        }

        Say("All clients have their answers. Waiting for the backlog.");
        var compared = await DrainAsync(system, beganAt, cancellationToken);
        var holds = compared.All(comparison => comparison.Holds);
        _say($"{faults.Injected} faults injected (in brackets: its turn came while it was down):\n{faults.Report()}");
        _say("Answers: " + string.Join(", ", load.Answers.OrderByDescending(answer => answer.Value).Select(answer => $"{answer.Value} x {answer.Key}")));
        _say($"Events compared:\n{Comparison.Report(compared)}");
        foreach (var comparison in compared.Where(comparison => comparison.Lost.Count > 0))
            _say($"Lost of {comparison.Project}: {string.Join(", ", comparison.Lost.Take(10))}{(comparison.Lost.Count > 10 ? ", ..." : "")}");
        _say(holds ? $"It holds. (Seed {_options.Seed})" : $"IT DOES NOT HOLD. Seed {_options.Seed}.");
        return holds;

        void Say(string line) =>
            _say(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetElapsedTime(began).TotalSeconds,6:F1} s  {line}"));
    }

    private LocalSystemOptions SystemOptions() => new()
    {
        DataDirectory = _folder.Path,
        Reroute = Reroute,
        OnLine = _options.OnLine,
        OnIncident = (part, sentence) => _say($"          {part} {sentence.Split('\n')[0]}"),
        ServiceEnvironment = new Dictionary<string, string?>
        {
            ["Ingestor__InsertTimeout"] = "00:00:10", // by default a minute, which would be most of a short run
            ["Redis__Deadline"] = "00:00:01", // a busy machine must not look like a Redis that is away: it is none of the faults
            ["Plans__Free__CallsPerMinute"] = "300",
            ["Limits__MonitoringCallsPerMinute"] = "100000",
        },
    };

    private string Reroute(string service, string part, string address)
    {
        var name = $"{service}-{part}";
        return !FaultPlan.Links.Contains(name) ? address : Port().Replace(address, match =>
            _links.GetOrAdd(name, _ => new FaultProxy(int.Parse(match.Value, CultureInfo.InvariantCulture), endsHttp2Streams: part == "pubsub")).Port.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Compares until it holds, or for as long as draining may take.</summary>
    private async Task<Comparison[]> DrainAsync(LocalSystem system, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        var isReplayed = false;
        var warehouse = new Warehouse(system.ClickHouseConnectionString);
        using var monitoring = new HttpClient { BaseAddress = system.GatewayUrl };
        while (true)
        {
            try
            {
                var compared = await Task.WhenAll(_sent.Select(sent => Comparison.OfAsync(sent, warehouse, monitoring, cancellationToken)));
                if (compared.All(comparison => comparison.Holds) || !MayWait())
                    return compared;
                if (!isReplayed && TimeProvider.System.GetElapsedTime(began) > BeforeReplay)
                {
                    isReplayed = true;
                    _say($"{compared.Sum(comparison => comparison.Lost.Count)} events are not stored yet: the emulator is asked to deliver again what is not acked.");
                    await EmulatorReplay.RunAsync(system.PubSubConnectionString, since, cancellationToken);
                }
            }
            catch (Exception failure) when (failure is not OperationCanceledException && MayWait())
            {
                // ClickHouse starts again, or has just ended.
            }
            await Task.Delay(PollInterval, cancellationToken);
        }

        bool MayWait() => TimeProvider.System.GetElapsedTime(began) < Draining;
    }

    [GeneratedRegex(@"(?<=127\.0\.0\.1:|Port=)\d+")]
    private static partial Regex Port();
}
