using System.Collections.Concurrent;
using SegOps.Segments.Store;

namespace SegOps.Segments.Membership;

/// <summary>What the rounds need.</summary>
internal sealed record MembershipParts(
    PassLeader Leader, ISegmentDefinitions Definitions, ComputedSegments Computed, ChangedUsers Changed, Pass Pass, WholeSegment Whole, PassClosing Closing,
    Statements Statements, MembershipTelemetry Telemetry, MembershipOptions Options, TimeProvider Clock);

/// <summary>
/// The rounds of the instance that leads. Its state is lost with the lease, and read again from Redis and ClickHouse. Changes are then evaluated again,
/// which changes nothing.
/// </summary>
internal sealed class MembershipRounds : IDisposable
{
    private readonly MembershipParts _parts;
    private readonly SegmentRules _rules = new();
    private readonly WholeSegments _wholes;
    private readonly FailingSegments _failing;
    private readonly Dictionary<Guid, ComputedSegment> _computed;
    private readonly Dictionary<Place, PlaceLedger> _ledgers = [];
    private readonly Dictionary<Guid, DateTimeOffset> _missing = [];
    private readonly ulong _floor;

    private long? _secondsFrom;
    private DateTimeOffset _dueFrom;
    private long _round;

    private MembershipRounds(MembershipParts parts, IEnumerable<ComputedSegment> computed, ulong floor, Progress? progress)
    {
        var now = parts.Clock.GetUtcNow();
        (_parts, _floor) = (parts, floor);
        _computed = computed.ToDictionary(static segment => segment.Id);
        _failing = new(parts.Clock, progress?.Failing ?? []);
        _wholes = new(parts, _computed, _failing, progress?.RecomputedAt ?? now, progress?.Drift ?? 0);
        (_secondsFrom, _dueFrom) = (progress?.SecondsFrom, progress?.DueFrom ?? now);
        if (progress is null)
            _wholes.RecomputeAll();
        parts.Telemetry.Leads(progress?.CheckedAt ?? now, _wholes.Drift, _failing.All.Count);
    }

    /// <summary>Whether nothing waits and nothing is computed.</summary>
    internal bool IsIdle { get; private set; }

    /// <summary>Completes when the next round has something to apply.</summary>
    internal Task Completion => _wholes.Completion;

    /// <summary>Compares all segments with their members, as every night.</summary>
    internal void CompareAll() => _wholes.CompareAll();

    /// <summary>Takes over: completes what the leader before has decided, and reads how far it has come.</summary>
    internal static async Task<MembershipRounds> StartAsync(MembershipParts parts, CancellationToken cancellationToken)
    {
        await parts.Closing.CompleteAllAsync(cancellationToken);
        await PassTables.RemoveAllAsync(parts.Statements, cancellationToken);
        return new(
            parts, await parts.Computed.AllAsync(cancellationToken), await parts.Computed.LastNumberAsync(cancellationToken), await parts.Leader.ProgressAsync());
    }

    /// <summary>Evaluates one chunk of users of each project, and applies whole segments that were computed.</summary>
    /// <returns>Whether more users wait.</returns>
    internal async Task<bool> RoundAsync(CancellationToken cancellationToken)
    {
        _round++;
        var segments = _rules.Resolve(await _parts.Definitions.AllAsync(cancellationToken));
        var now = _parts.Clock.GetUtcNow();
        var changes = await _parts.Changed.FindAsync(_secondsFrom, _dueFrom, now, cancellationToken);
        var isLost = changes.Now - _secondsFrom > ChangedUsers.Kept;
        if (isLost)
            _wholes.RecomputeAll();

        await _wholes.StartAsync(segments, now, changes.Now, _round, _floor, cancellationToken);
        await EvaluateAsync(segments, changes, isLost, cancellationToken);
        await _wholes.ApplyAsync(segments, LedgerOf, _round, _floor, cancellationToken);
        await RemoveDeletedAsync(segments, cancellationToken);
        await ReportAsync(now, changes.Now);
        return _ledgers.Values.Any(static ledger => ledger.IsBehind);
    }

    /// <inheritdoc/>
    public void Dispose() => _wholes.Dispose();

    private PlaceLedger LedgerOf(Place place)
    {
        if (!_ledgers.TryGetValue(place, out var ledger))
            _ledgers[place] = ledger = new(place);
        return ledger;
    }

    /// <summary>Each project gets one pass, the one that has waited longest first.</summary>
    private async Task EvaluateAsync(IReadOnlyDictionary<Place, List<CurrentSegment>> segments, Changes changes, bool skips, CancellationToken cancellationToken)
    {
        foreach (var gone in _ledgers.Keys.Where(place => !segments.ContainsKey(place)).ToList())
            _ledgers.Remove(gone);
        List<(PlaceLedger Ledger, Chunk Chunk)> work = [];
        foreach (var place in segments.Keys)
        {
            var ledger = LedgerOf(place);
            ledger.Found(changes.Rows.GetValueOrDefault(place) ?? new Dictionary<ChangedSecond, long>());
            if (skips || !IsUsed(place))
                ledger.Skip();
            if (ledger.Next(_parts.Options.MaxUsers) is { } chunk)
                work.Add((ledger, chunk));
        }

        var again = new ConcurrentBag<Computation>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = _parts.Options.Projects, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(work.OrderBy(static item => item.Ledger.Since), options, async (item, stop) =>
        {
            var place = item.Chunk.Place;
            var outcome = await _parts.Pass.RunAsync(item.Chunk, [.. segments[place].Where(IsReady)], [.. _wholes.RunningOf(place)], _floor, stop);
            _parts.Telemetry.Passed(outcome);
            foreach (var (id, reason) in outcome.Failed)
            {
                _failing.Add(segments[place].Find(segment => segment.Id == id)!, reason, isStale: true);
                _parts.Telemetry.Failed(reason);
            }
            if (item.Ledger.Done() is { } done)
                again.Add(done);
        });
        foreach (var computation in again)
            await _parts.Whole.RemoveAsync(computation, cancellationToken);

        bool IsUsed(Place place) => segments[place].Exists(IsReady) || _wholes.RunningOf(place).Any();
    }

    private bool IsReady(CurrentSegment segment) =>
        segment.Rule is not null && _computed.TryGetValue(segment.Id, out var computed) && computed.Hash == segment.Hash && !_failing.IsStale(segment.Id)
        && !_wholes.MustRecompute(segment.Id);

    private async Task RemoveDeletedAsync(IReadOnlyDictionary<Place, List<CurrentSegment>> segments, CancellationToken cancellationToken)
    {
        var (now, present) = (_parts.Clock.GetUtcNow(), segments.Values.SelectMany(static place => place).Select(static segment => segment.Id).ToHashSet());
        foreach (var id in _missing.Keys.Where(present.Contains).ToList())
            _missing.Remove(id);
        foreach (var segment in _computed.Values.Where(segment => !present.Contains(segment.Id)).ToList())
        {
            _missing.TryAdd(segment.Id, now);
            if (now - _missing[segment.Id] < _parts.Options.RemoveAfter)
                continue;
            await _parts.Computed.RemoveAsync(segment, cancellationToken);
            _missing.Remove(segment.Id);
            _computed.Remove(segment.Id);
        }
        foreach (var failing in _failing.All.Where(failing => !present.Contains(failing.Id)))
            _failing.Remove(failing.Id);
    }

    /// <summary>A new leader compares from here on: nothing that this one has not evaluated is later.</summary>
    private async Task ReportAsync(DateTimeOffset now, long clickHouseNow)
    {
        var seconds = Earliest(clickHouseNow - ChangedUsers.Compared, _ledgers.Values.Select(static ledger => ledger.Oldest(ChangeSource.Data)?.ToUnixTimeSeconds()));
        var due = Earliest(now.AddSeconds(-ChangedUsers.Compared), _ledgers.Values.Select(static ledger => ledger.Oldest(ChangeSource.Time)));
        var open = _wholes.Running.Concat(_ledgers.Values.SelectMany(static ledger => ledger.Again)).ToList();
        // A part of a second would count fewer rows than were evaluated, and be evaluated again.
        (_secondsFrom, _dueFrom) = (seconds, DateTimeOffset.FromUnixTimeSeconds(Earliest(due, [_wholes.AppliedAsOf]).ToUnixTimeSeconds()));
        foreach (var ledger in _ledgers.Values)
            ledger.Forget(_secondsFrom.Value, _dueFrom);

        var behind = _ledgers.Where(static ledger => ledger.Value.IsBehind).Select(ledger => new PlaceBehind(ledger.Key.Project, ledger.Key.Environment, ledger.Value.Since ?? now)).ToList();
        var progress = new Progress(
            now,
            Earliest(seconds, open.Select(static computation => (long?)(computation.ClickHouseNow - ChangedUsers.Compared))),
            Earliest(_dueFrom, open.Select(static computation => (DateTimeOffset?)computation.AsOf)),
            _wholes.RecomputedAt, _wholes.Drift, behind, _failing.All);
        await _parts.Leader.ReportAsync(progress);
        _parts.Telemetry.Leads(Earliest(now, behind.Select(static place => (DateTimeOffset?)place.Since)), _wholes.Drift, progress.Failing.Count);
        IsIdle = behind.Count == 0 && !_wholes.IsBusy;
    }

    private static T Earliest<T>(T first, IEnumerable<T?> others)
        where T : struct, IComparable<T> => others.Aggregate(first, static (earliest, other) => other is { } time && time.CompareTo(earliest) < 0 ? time : earliest);
}
