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

    /// <summary>For all that was accepted to be stored once the pipeline works again: a lease (10 s) of what a part had that was killed, and 5 s.</summary>
    private static readonly TimeSpan Draining = TimeSpan.FromSeconds(15);

    /// <summary>For Monitoring's figures to agree: roll-ups and the ledger follow what is stored.</summary>
    private static readonly TimeSpan Counting = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private readonly ScratchFolder _folder = new();
    private readonly ConcurrentDictionary<string, FaultProxy> _links = new();
    private readonly ChaosOptions _options;
    private readonly Action<string> _say;
    private readonly SentEvents[] _sent = [new(DemoKeys.Enterprise), new(DemoKeys.Business), new(DemoKeys.Test)];
    private LocalSystem? _system;
    private IReadOnlyList<Guid> _stranded = [];

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
        var began = TimeProvider.System.GetTimestamp();
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

        var warehouse = new Warehouse(system.ClickHouseConnectionString);
        await WorksAgainAsync(load, warehouse, cancellationToken);
        Say("All clients have their answers, and new events are stored. Waiting for the others.");
        await DrainAsync(warehouse, cancellationToken);
        Say("Comparing.");
        var compared = await CompareAsync(system, warehouse, cancellationToken);
        var holds = _stranded.Count == 0 && compared.Length > 0 && compared.All(comparison => comparison.Holds);
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
            _links.GetOrAdd(name, _ => new FaultProxy(int.Parse(match.Value, CultureInfo.InvariantCulture))).Port.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Sends an event, again until it is accepted, and waits until it is stored: whatever was killed last runs again.</summary>
    private async Task WorksAgainAsync(Load load, Warehouse warehouse, CancellationToken cancellationToken)
    {
        var id = await load.SendOneAsync(_sent[0], cancellationToken);
        if (!await BeforeAsync(LastAnswers, async () => await warehouse.RunAsync($"SELECT count() FROM events WHERE event_id = '{id}'", cancellationToken) > 0, cancellationToken))
            _say("A NEW EVENT IS NOT STORED.");
    }

    /// <summary>Waits until all that was accepted is stored. What is not stored in time may never be: the comparison finds it lost.</summary>
    private async Task DrainAsync(Warehouse warehouse, CancellationToken cancellationToken)
    {
        if (await BeforeAsync(Draining, async () => (await MissingAsync(warehouse, cancellationToken)).Count == 0, cancellationToken))
            return;
        _stranded = await MissingAsync(warehouse, cancellationToken);
        _say($"{_stranded.Count} ACCEPTED EVENTS ARE NOT STORED {Draining.TotalSeconds:0} s after the pipeline works again.");
    }

    private async Task<IReadOnlyList<Guid>> MissingAsync(Warehouse warehouse, CancellationToken cancellationToken)
    {
        var stored = await warehouse.IdsAsync("SELECT event_id, count() FROM events GROUP BY event_id", cancellationToken);
        return [.. _sent.SelectMany(sent => sent.With(Outcome.Accepted)).Where(id => !stored.ContainsKey(id))];
    }

    /// <summary>Compares until it holds, or for as long as counting may take.</summary>
    private async Task<Comparison[]> CompareAsync(LocalSystem system, Warehouse warehouse, CancellationToken cancellationToken)
    {
        using var monitoring = new HttpClient { BaseAddress = system.GatewayUrl };
        Comparison[] compared = [];
        await BeforeAsync(
            Counting,
            async () => (compared = await Task.WhenAll(_sent.Select(sent => Comparison.OfAsync(sent, warehouse, monitoring, cancellationToken)))).All(comparison => comparison.Holds),
            cancellationToken);
        return compared;
    }

    /// <summary>Asks until the answer is yes, at most for <paramref name="time"/>; a failure to answer is a no.</summary>
    private static async Task<bool> BeforeAsync(TimeSpan time, Func<Task<bool>> ask, CancellationToken cancellationToken)
    {
        for (var began = TimeProvider.System.GetTimestamp(); ; await Task.Delay(PollInterval, cancellationToken))
        {
            var isLast = TimeProvider.System.GetElapsedTime(began) > time;
            try
            {
                if (await ask())
                    return true;
            }
            catch (Exception failure) when (failure is not OperationCanceledException && !isLast)
            {
                // ClickHouse starts again, or has just ended.
            }
            if (isLast)
                return false;
        }
    }

    [GeneratedRegex(@"(?<=127\.0\.0\.1:|Port=)\d+")]
    private static partial Regex Port();
}
