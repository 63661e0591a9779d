namespace SegOps.Bench.Chaos;

/// <summary>The kind of a fault of a part or of a link.</summary>
internal enum FaultKind
{
    /// <summary>SIGKILL to a part. The app host restarts it.</summary>
    Kill,

    /// <summary>SIGSTOP to a part, later SIGCONT.</summary>
    Stop,

    /// <summary>SIGTERM to a part. The app host restarts it.</summary>
    Restart,

    /// <summary>Each chunk is delayed by <see cref="Fault.Delay"/>.</summary>
    Latency,

    /// <summary>All connections are reset once.</summary>
    Reset,

    /// <summary>All connections and new ones are reset.</summary>
    Cut,

    /// <summary>Connections stay open, and bytes are discarded.</summary>
    HalfOpen,
}

/// <summary>One fault of a plan.</summary>
/// <param name="At">Time from the start of the run.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Target">The part or link.</param>
/// <param name="Lasts">Its duration, for kinds that have one.</param>
/// <param name="Instance">Selects one instance of a part, or one of the connections between the instances at both ends of a link.</param>
internal sealed record Fault(TimeSpan At, FaultKind Kind, string Target, TimeSpan Lasts, int Instance)
{
    /// <summary>Delay of <see cref="FaultKind.Latency"/>. With it, some publishes exceed their deadline of 2 s.</summary>
    internal static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(300);
}

/// <summary>Makes fault plans. A seed always gives the same plan.</summary>
internal static class FaultPlan
{
    /// <summary>Time between the starts of two faults, in seconds. Two faults overlap more than half of the time.</summary>
    private const double MinPause = 1.5, MaxPause = 3.5;

    /// <summary>Duration of a fault, in seconds. The longest exceed the deadlines of publishes, leases and retries.</summary>
    private const double MinDuration = 1, MaxDuration = 7;

    /// <summary>Instances of each service. A fault hits one of them.</summary>
    internal const int Instances = 2;

    /// <summary>Without the emulator, which keeps its messages in memory.</summary>
    internal static readonly IReadOnlyList<string> Parts = ["gateway", "ingestion", "ingestor", "monitoring", "segments", "clickhouse", "redis"];

    internal static readonly IReadOnlyList<string> Links =
        ["client-gateway", "gateway-ingestion", "ingestion-pubsub", "ingestor-pubsub", "ingestor-clickhouse"];

    /// <summary>
    /// Repeats all 41 faults in random order. Two minutes include each at least once. <paramref name="only"/> selects the faults whose name
    /// contains it.
    /// </summary>
    internal static IReadOnlyList<Fault> Of(int seed, TimeSpan length, string only = "")
    {
        var random = new Random(seed);
        var plan = new List<Fault>();
        var at = TimeSpan.FromSeconds(MaxPause);
        do
        {
            var deck = AllFaults().Where(fault => $"{fault.Kind} {fault.Target}".Contains(only, StringComparison.Ordinal)).ToArray();
            random.Shuffle(deck);
            foreach (var (kind, target) in deck)
            {
                if (at >= length)
                    return plan;
                plan.Add(new Fault(at, kind, target, RandomTime(MinDuration, MaxDuration), random.Next(Instances * Instances)));
                at += RandomTime(MinPause, MaxPause);
            }
        }
        while (plan.Count > 0);
        return plan;

        TimeSpan RandomTime(double min, double max) => TimeSpan.FromSeconds(min + (random.NextDouble() * (max - min)));
    }

    private static IEnumerable<(FaultKind Kind, string Target)> AllFaults() => Enum.GetValues<FaultKind>()
        .SelectMany(kind => (kind <= FaultKind.Restart ? Parts : Links).Select(target => (kind, target)));
}
