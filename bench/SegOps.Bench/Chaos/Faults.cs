namespace SegOps.Bench.Chaos;

/// <summary>What is done to a part, or between two.</summary>
internal enum FaultKind
{
    /// <summary>SIGKILL to a part, which is then started again.</summary>
    Kill,

    /// <summary>SIGSTOP to a part, SIGCONT later.</summary>
    Stop,

    /// <summary>SIGTERM to a part, which is then started again.</summary>
    Restart,

    /// <summary>Each piece on its way is held back by <see cref="Fault.Delay"/>.</summary>
    Latency,

    /// <summary>All connections are reset once.</summary>
    Reset,

    /// <summary>All connections are reset, and new ones too.</summary>
    Cut,

    /// <summary>Connections stay open and what is sent vanishes.</summary>
    HalfOpen,
}

/// <summary>One fault of a plan.</summary>
/// <param name="At">When it begins, from the beginning of the run.</param>
/// <param name="Kind">What is done.</param>
/// <param name="Target">A part, or a link between two.</param>
/// <param name="Lasts">How long it lasts, where it does.</param>
internal sealed record Fault(TimeSpan At, FaultKind Kind, string Target, TimeSpan Lasts)
{
    /// <summary>Of <see cref="FaultKind.Latency"/>: long enough to break the deadline of a publish (2 s) on some round trips.</summary>
    internal static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(300);
}

/// <summary>Which faults come when: the same for the same seed.</summary>
internal static class FaultPlan
{
    /// <summary>Pause between the beginnings of two faults, in seconds: about half of the time two are under way.</summary>
    private const double ShortestPause = 2, LongestPause = 4;

    /// <summary>How long a fault lasts, in seconds: from a hiccup to beyond the deadlines of publishes, leases left unextended and retries.</summary>
    private const double Shortest = 1, Longest = 7;

    internal static readonly IReadOnlyList<string> Parts = ["gateway", "ingestion", "ingestor", "clickhouse"];

    internal static readonly IReadOnlyList<string> Links =
        ["client-gateway", "gateway-ingestion", "ingestion-pubsub", "ingestor-pubsub", "ingestor-clickhouse"];

    /// <summary>
    /// Every fault there is, in random order, again and again: 32, so that two minutes see each once. With <paramref name="only"/>, those
    /// whose name holds it.
    /// </summary>
    internal static IReadOnlyList<Fault> Of(int seed, TimeSpan length, string only = "")
    {
        var random = new Random(seed);
        var plan = new List<Fault>();
        var at = TimeSpan.FromSeconds(LongestPause);
        do
        {
            var deck = Every().Where(fault => $"{fault.Kind} {fault.Target}".Contains(only, StringComparison.Ordinal)).ToArray();
            random.Shuffle(deck);
            foreach (var (kind, target) in deck)
            {
                if (at >= length)
                    return plan;
                plan.Add(new Fault(at, kind, target, Between(Shortest, Longest)));
                at += Between(ShortestPause, LongestPause);
            }
        }
        while (plan.Count > 0);
        return plan;

        TimeSpan Between(double least, double most) => TimeSpan.FromSeconds(least + (random.NextDouble() * (most - least)));
    }

    private static IEnumerable<(FaultKind Kind, string Target)> Every() => Enum.GetValues<FaultKind>()
        .SelectMany(kind => (kind <= FaultKind.Restart ? Parts : Links).Select(target => (kind, target)));
}
