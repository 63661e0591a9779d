using SegOps.Conformance.Playing;
using SegOps.Conformance.Sdks;

namespace SegOps.Conformance.Scenarios;

/// <summary>All scenarios, by their numbers.</summary>
internal static class AllScenarios
{
    /// <summary>Names the numbers to play, with commas; all by default.</summary>
    private const string SelectionVariable = "SEGOPS_CONFORMANCE_SCENARIOS";

    /// <summary>What each number is about, in the words of the table.</summary>
    public static IReadOnlyList<string> Titles { get; } =
    [
        "one event: path, headers, compression, id, time", "count trigger", "interval trigger", "identify", "invalid inputs and configuration",
        "500 events of 32 KB are split by bytes", "1,200 events: in their order, 500 at most in a request", "202 with some events rejected",
        "400 `validation_failed` by index", "one bad event of 64 is isolated", "413: the limit is found, and ends", "500, 502, 503, 504, 408: backoff",
        "`Retry-After` in seconds and as a date", "429: nothing bypasses the pause", "`RateLimit` with nothing left", "429 `quota_exceeded`",
        "401, 403, 404, 405, 3xx: hold and probe", "415: without compression", "answers that are not believed", "broken connections",
        "stored, then the connection is lost", "server that hangs, queue that is full", "100,000 events from 16 threads, flushes meanwhile",
        "flush covers what was tracked before it", "shutdown", "callbacks and transport that throw", "payload changed after track",
        "exit without shutdown", "events that expire", "killed, torn file, full disk, second process",
    ];

    public static IReadOnlyList<Scenario> All { get; } =
    [
        .. ((IEnumerable<Scenario>)
        [
            .. SendingScenarios.All, .. InputScenarios.All, .. RejectionScenarios.All, .. SplittingScenarios.All, .. RetryScenarios.All,
            .. HoldScenarios.All, .. AnswerScenarios.All, .. LoadScenarios.All, .. LifecycleScenarios.All, .. PersistenceScenarios.All,
        ]).OrderBy(scenario => scenario.Number),
    ];

    /// <summary>Those that this run plays.</summary>
    public static IReadOnlyList<Scenario> Selected { get; } = Selection.Of(
        SelectionVariable, All, scenario => scenario.Number.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Those of them that this SDK has to play.</summary>
    public static IEnumerable<Scenario> For(Sdk sdk) => Selected.Where(scenario => sdk.Persists || !scenario.IsOfPersistence);

    public static Scenario Of(string name) => All.Single(scenario => scenario.ToString() == name);
}
