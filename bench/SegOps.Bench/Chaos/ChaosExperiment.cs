using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using SegOps.AppHost.Resources.Redis;
using SegOps.Bench.Running;
using SegOps.Bench.Storage;

namespace SegOps.Bench.Chaos;

/// <summary>Sends events while parts are killed and links are cut, then compares the accepted events with the stored ones.</summary>
internal sealed partial class ChaosExperiment : IAsyncDisposable
{
    /// <summary>Longest wait for outstanding answers after the last fault. A part may take 30 s to restart.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Longest wait for accepted events to be stored after recovery: the lease of a killed part (10 s) and 5 s.</summary>
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Longest wait for Monitoring's figures, which are updated after the events are stored.</summary>
    private static readonly TimeSpan CountTimeout = TimeSpan.FromMinutes(5);

    /// <summary>Longest wait for the segments: the window of their rules, a new lease of the passes (10 s) and the rest of a minute.</summary>
    private static readonly TimeSpan SegmentTimeout = FollowedSegment.Window + TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private readonly ScratchFolder _folder = new();
    private readonly ConcurrentDictionary<(string Link, string Service, int Port), FaultProxy> _links = new();
    private readonly ChaosOptions _options;
    private readonly Action<string> _writeLine;
    private readonly SentEvents[] _sent = [new(DemoKeys.Enterprise), new(DemoKeys.Business), new(DemoKeys.Test)];
    private LocalSystem? _system;
    private IReadOnlyList<FollowedSegment> _segments = [];
    private IReadOnlyList<Guid> _notStored = [];

    private ChaosExperiment(ChaosOptions options, Action<string> writeLine)
    {
        _options = options;
        _writeLine = writeLine;
    }

    /// <summary>Injects faults, then compares the events. <paramref name="writeLine"/> receives the progress and the tables.</summary>
    /// <returns>Whether every accepted event is stored and counted exactly once, nothing else is stored, and the segments agree with it.</returns>
    internal static async Task<bool> RunAsync(ChaosOptions options, Action<string> writeLine, CancellationToken cancellationToken)
    {
        writeLine($"Seed {options.Seed}, {options.Length.TotalMinutes:0.##} min.");
        await using var experiment = new ChaosExperiment(options, writeLine);
        return await experiment.RunAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_system is not null)
            await _system.DisposeAsync();
        foreach (var link in _links.Values)
            await link.DisposeAsync();
        foreach (var segment in _segments)
            segment.Dispose();
        _folder.Dispose();
    }

    private async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        var system = _system = await LocalSystem.StartAsync(SystemOptions(), cancellationToken);
        var gateways = system.GatewayUrls.Select(gateway => new Uri($"http://127.0.0.1:{Proxy("client-gateway", "client", gateway.Port)}")).ToList();
        await CreateSegmentsAsync(system, cancellationToken);
        var load = new Load(gateways, _options.Seed, _sent);
        var faults = new FaultRunner(system, ProxiesOf, line => Log(line));

        using var stopSending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var stopRetrying = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sending = load.RunAsync(stopSending.Token, stopRetrying.Token);
        var following = Task.WhenAll(_segments.Select(segment => segment.FollowAsync(stopSending.Token)));
        try
        {
            await faults.RunAsync(FaultPlan.Of(_options.Seed, _options.Length, _options.Only), cancellationToken);
            Log("All faults have ended.");
        }
        finally
        {
            await stopSending.CancelAsync();
            stopRetrying.CancelAfter(AnswerTimeout);
            await sending;
            await following;
        }

        var warehouse = new BenchWarehouse(system.ClickHouseConnectionString);
        await WaitForRecoveryAsync(load, warehouse, cancellationToken);
        Log("All clients have their answers, and new events are stored. Waiting for the remaining events.");
        await DrainAsync(warehouse, cancellationToken);
        var settled = TimeProvider.System.GetUtcNow() + FollowedSegment.Window;
        Log("Comparing.");
        var compared = await CompareAsync(system, warehouse, cancellationToken);
        Log("Comparing the segments when the window of their rules is over.");
        var segments = await CompareSegmentsAsync(settled, cancellationToken);
        var holds = _notStored.Count == 0 && compared.Length > 0 && compared.All(comparison => comparison.Holds)
            && segments.Count > 0 && segments.All(comparison => comparison.Holds);
        _writeLine($"{faults.Injected} faults injected (in brackets: skipped because the part was down):\n{faults.Report()}");
        _writeLine("Answers: " + string.Join(", ", load.Answers.OrderByDescending(answer => answer.Value).Select(answer => $"{answer.Value} x {answer.Key}")));
        _writeLine($"Events compared:\n{Comparison.Report(compared)}");
        _writeLine(segments.Count > 0 ? $"Segments compared:\n{SegmentComparison.Report(segments)}" : $"THE SEGMENTS ARE NOT COMPUTED.\n{string.Join('\n', _segments.Select(segment => segment.State))}");
        foreach (var comparison in compared.Where(comparison => comparison.Lost.Count > 0))
            _writeLine($"Lost in {comparison.Project}: {string.Join(", ", comparison.Lost.Take(10))}{(comparison.Lost.Count > 10 ? ", ..." : "")}");
        _writeLine(holds ? $"Passed. Seed {_options.Seed}." : $"FAILED. Seed {_options.Seed}.");
        return holds;

        void Log(string line) =>
            _writeLine(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetElapsedTime(began).TotalSeconds,6:F1} s  {line}"));
    }

    private LocalSystemOptions SystemOptions() => new()
    {
        DataDirectory = _folder.Path,
        Instances = FaultPlan.Instances,
        Reroute = Reroute,
        OnLine = _options.OnLine,
        OnIncident = (part, sentence) => _writeLine($"          {part} {sentence}"),
        ServiceEnvironment = new Dictionary<string, string>
        {
            ["Ingestor__InsertTimeout"] = "00:00:10", // The default of a minute is most of a short run.
            ["Redis__Deadline"] = "00:00:01", // A busy machine must not make Redis seem unavailable more often than its faults do.
            ["Plans__Free__CallsPerMinute"] = "300",
            ["Limits__MonitoringCallsPerMinute"] = "100000",
            ["Limits__TestEventsPerDay"] = "1000000000",
        },
    };

    private string Reroute(string service, string part, string address)
    {
        var link = $"{InstanceNumber().Replace(service, "")}-{part}";
        return !FaultPlan.Links.Contains(link) ? address : Port().Replace(address, match =>
            Proxy(link, service, int.Parse(match.Value, CultureInfo.InvariantCulture)).ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The port of the proxy between an instance of a service and a port that it calls.</summary>
    private int Proxy(string link, string service, int port) => _links.GetOrAdd((link, service, port), key => new FaultProxy(key.Port)).Port;

    /// <summary>The proxies of a link, in the order of the instances that call.</summary>
    private IReadOnlyList<FaultProxy> ProxiesOf(string link) =>
        [.. _links.Where(proxy => proxy.Key.Link == link).OrderBy(proxy => proxy.Key.Service, StringComparer.Ordinal).ThenBy(proxy => proxy.Key.Port).Select(proxy => proxy.Value)];

    /// <summary>Sends an event until it is accepted, and waits until it is stored. This shows that every part has recovered.</summary>
    private async Task WaitForRecoveryAsync(Load load, BenchWarehouse warehouse, CancellationToken cancellationToken)
    {
        var id = await load.SendOneAsync(_sent[0], cancellationToken);
        if (!await PollAsync(AnswerTimeout, async () => await warehouse.RunAsync($"SELECT count() FROM events WHERE event_id = '{id}'", cancellationToken) > 0, cancellationToken))
            _writeLine("A NEW EVENT IS NOT STORED.");
    }

    /// <summary>Waits until all accepted events are stored. The comparison reports the rest as lost.</summary>
    private async Task DrainAsync(BenchWarehouse warehouse, CancellationToken cancellationToken)
    {
        if (await PollAsync(DrainTimeout, async () => (await MissingAsync(warehouse, cancellationToken)).Count == 0, cancellationToken))
            return;
        _notStored = await MissingAsync(warehouse, cancellationToken);
        _writeLine($"{_notStored.Count} ACCEPTED EVENTS ARE NOT STORED {DrainTimeout.TotalSeconds:0} s after recovery.");
    }

    private async Task<IReadOnlyList<Guid>> MissingAsync(BenchWarehouse warehouse, CancellationToken cancellationToken)
    {
        var stored = await warehouse.IdsAsync("SELECT event_id, count() FROM events GROUP BY event_id", cancellationToken);
        return [.. _sent.SelectMany(sent => sent.With(Outcome.Accepted)).Where(id => !stored.ContainsKey(id))];
    }

    /// <summary>Compares until every comparison passes or <see cref="CountTimeout"/> is over.</summary>
    private async Task<Comparison[]> CompareAsync(LocalSystem system, BenchWarehouse warehouse, CancellationToken cancellationToken)
    {
        using var monitoring = new HttpClient { BaseAddress = system.GatewayUrl };
        Comparison[] compared = [];
        await PollAsync(
            CountTimeout,
            async () => (compared = await Task.WhenAll(_sent.Select(sent => Comparison.OfAsync(sent, warehouse, monitoring, cancellationToken)))).All(comparison => comparison.Holds),
            cancellationToken);
        return compared;
    }

    /// <summary>Creates the segments and waits until they are computed. What an attempt that fails leaves is not looked at.</summary>
    private async Task CreateSegmentsAsync(LocalSystem system, CancellationToken cancellationToken)
    {
        var areComputed = await PollAsync(
            SegmentTimeout,
            async () =>
            {
                if (_segments.Count == 0)
                    _segments = [.. (await Task.WhenAll(_sent.Select(sent => FollowedSegment.CreateAsync(system.GatewayUrl, sent, cancellationToken)))).SelectMany(created => created)];
                return await AreComputedAsync(DateTimeOffset.MinValue, cancellationToken);
            },
            cancellationToken);
        if (!areComputed)
            throw new TimeoutException("The segments were not computed before the load.");
    }

    /// <summary>Compares when the passes have reached <paramref name="settled"/>. None if they do not.</summary>
    private async Task<IReadOnlyList<SegmentComparison>> CompareSegmentsAsync(DateTimeOffset settled, CancellationToken cancellationToken)
    {
        List<SegmentComparison> compared = [];
        await PollAsync(
            SegmentTimeout,
            async () =>
            {
                if (!await AreComputedAsync(settled, cancellationToken))
                    return false;
                compared.Clear();
                foreach (var segment in _segments) // A project computes two previews at a time.
                    compared.Add(await segment.CompareAsync(cancellationToken));
                return true;
            },
            cancellationToken);
        return compared;
    }

    private async Task<bool> AreComputedAsync(DateTimeOffset time, CancellationToken cancellationToken) =>
        (await Task.WhenAll(_segments.Select(segment => segment.IsComputedAsync(time, cancellationToken)))).All(isComputed => isComputed);

    /// <summary>Polls <paramref name="condition"/> for at most <paramref name="time"/>. An exception counts as false, except the last.</summary>
    private static async Task<bool> PollAsync(TimeSpan time, Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        for (var began = TimeProvider.System.GetTimestamp(); ; await Task.Delay(PollInterval, cancellationToken))
        {
            var isLast = TimeProvider.System.GetElapsedTime(began) > time;
            try
            {
                if (await condition())
                    return true;
            }
            catch (Exception failure) when (failure is not OperationCanceledException && !isLast)
            {
                // ClickHouse may be restarting.
            }
            if (isLast)
                return false;
        }
    }

    [GeneratedRegex(@"-\d+$")]
    private static partial Regex InstanceNumber();

    [GeneratedRegex(@"(?<=127\.0\.0\.1:|localhost:|Port=)\d+")]
    private static partial Regex Port();
}
