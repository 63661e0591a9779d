using SegOps.Warehouse;

namespace SegOps.Segments.Membership;

/// <summary>
/// Chooses whole segments to compute, runs them beside the passes, and applies them between passes. A segment that is computed waits for no other one.
/// </summary>
internal sealed class WholeSegments(
    MembershipParts parts, Dictionary<Guid, ComputedSegment> computed, FailingSegments failing, DateTimeOffset recomputedAt, long drift) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<(Computation Computation, Task<Exception?> Task)> _running = [];
    private readonly HashSet<Guid> _recompute = [];
    private readonly HashSet<Guid> _compare = [];
    private bool _isComparing;
    private long _found;

    /// <summary>When the last comparison of all segments began.</summary>
    internal DateTimeOffset RecomputedAt { get; private set; } = recomputedAt;

    /// <summary>Differences that the last comparison found. A clean one sets it to 0.</summary>
    internal long Drift { get; private set; } = drift;

    /// <summary>The time of the earliest computation that the last round applied. Users became due since then.</summary>
    internal DateTimeOffset? AppliedAsOf { get; private set; }

    /// <summary>Computations that run, or wait to be applied.</summary>
    internal IEnumerable<Computation> Running => _running.Select(static running => running.Computation);

    /// <summary>Whether something is computed or waits to be.</summary>
    internal bool IsBusy { get; private set; }

    /// <summary>The numbers of the computations of a place.</summary>
    internal IEnumerable<ulong> RunningOf(Place place) => Running.Where(computation => computation.Segment.Place == place).Select(static computation => computation.Number);

    /// <summary>Whether the members of a segment may miss changes that were lost.</summary>
    internal bool MustRecompute(Guid id) => _recompute.Contains(id);

    /// <summary>Computes all segments again, because changes were lost or are about to be. What runs is not used, because it may miss them too.</summary>
    internal void RecomputeAll()
    {
        _recompute.UnionWith(computed.Keys);
        _running.Clear();
    }

    /// <summary>Completes when a computation can be applied; never if none runs.</summary>
    internal Task Completion => _running.Where(static running => running.Computation.Reason != WholeReason.Repair).Select(static running => running.Task).ToList() is { Count: > 0 } tasks
        ? Task.WhenAny(tasks)
        : Task.Delay(Timeout.Infinite, _stop.Token);

    /// <summary>Compares all segments with their members, as every night.</summary>
    internal void CompareAll()
    {
        _compare.UnionWith(computed.Keys);
        (_isComparing, _found, RecomputedAt) = (true, 0, parts.Clock.GetUtcNow());
    }

    /// <summary>Begins computations. No pass runs meanwhile, so that each pass from now on knows them.</summary>
    internal async Task StartAsync(
        IReadOnlyDictionary<Place, List<CurrentSegment>> segments, DateTimeOffset now, long clickHouseNow, long round, ulong floor, CancellationToken cancellationToken)
    {
        if (IsNight(now))
            CompareAll();
        var present = segments.Values.SelectMany(static place => place).ToList();
        _compare.IntersectWith(present.Select(static segment => segment.Id));
        _recompute.IntersectWith(present.Select(static segment => segment.Id));
        var wanted = present.Select(segment => (Segment: segment, Reason: ReasonOf(segment))).Where(static item => item.Reason is not null)
            .OrderBy(static item => item.Reason == WholeReason.Repair).ToList();
        IsBusy = wanted.Exists(item => failing.MayTry(item.Segment));
        foreach (var (segment, reason) in wanted)
        {
            if (_running.Count >= parts.Options.Computations)
                break;
            if (!failing.MayTry(segment) || Running.Any(computation => computation.Segment.Id == segment.Id))
                continue;
            if (segment.Rule is null)
            {
                Fail(segment, FailureReasons.InvalidRule, reason!.Value);
                continue;
            }
            var computation = new Computation(segment, reason!.Value, await parts.Leader.NextAsync(floor), now, clickHouseNow, round);
            _running.Add((computation, TryAsync(computation)));
        }
    }

    /// <summary>Applies the computations that have ended. A comparison waits until all changes from before it were evaluated: those are no drift.</summary>
    internal async Task ApplyAsync(
        IReadOnlyDictionary<Place, List<CurrentSegment>> segments, Func<Place, PlaceLedger> ledgerOf, long round, ulong floor, CancellationToken cancellationToken)
    {
        AppliedAsOf = null;
        foreach (var (computation, task) in _running.Where(static running => running.Task.IsCompleted).ToList())
        {
            var (segment, place) = (computation.Segment, computation.Segment.Place);
            var isCurrent = segments.TryGetValue(place, out var current) && current.Exists(other => other.Id == segment.Id && other.Hash == segment.Hash);
            if (isCurrent && computation.Reason == WholeReason.Repair && (computation.Round >= round || ledgerOf(place).IsBehind))
                continue;
            if (await task is { } exception)
            {
                if (exception is not WarehouseUnavailableException refused || !await parts.Statements.AnswersAsync(cancellationToken))
                    throw exception;
                Fail(segment, FailureReasons.Of(refused), computation.Reason);
                isCurrent = false;
            }
            _running.RemoveAll(running => running.Computation == computation);
            var again = isCurrent ? await ApplyAsync(computation, floor, cancellationToken) : 0;
            if (again > 0)
                ledgerOf(place).AddAgain(computation, again);
            else
                await parts.Whole.RemoveAsync(computation, cancellationToken);
        }
        IsBusy |= _running.Count > 0;
        if (_isComparing && _compare.Count == 0 && !Running.Any(static computation => computation.Reason == WholeReason.Repair))
            (_isComparing, Drift) = (false, _found);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    /// <returns>The users whom a pass must evaluate again.</returns>
    private async Task<long> ApplyAsync(Computation computation, ulong floor, CancellationToken cancellationToken)
    {
        var segment = computation.Segment;
        var flips = await parts.Whole.ApplyAsync(computation, floor, cancellationToken);
        parts.Telemetry.Passed(new(0, flips, new Dictionary<Guid, string>()));
        computed[segment.Id] = new(segment.Id, segment.Place, segment.Hash, 0);
        failing.Remove(segment.Id);
        _recompute.Remove(segment.Id);
        _compare.Remove(segment.Id);
        AppliedAsOf = AppliedAsOf < computation.AsOf ? AppliedAsOf : computation.AsOf;
        if (computation.Reason == WholeReason.Repair && segment.Place.Environment != Contracts.Environments.Test && flips > 0)
        {
            _found += flips;
            Drift = _found;
            parts.Telemetry.Drifted(flips);
        }
        return await parts.Whole.AgainAsync(computation, cancellationToken);
    }

    private WholeReason? ReasonOf(CurrentSegment segment)
    {
        if (!computed.TryGetValue(segment.Id, out var known))
            return WholeReason.Initial;
        if (known.Hash != segment.Hash)
            return WholeReason.Rule;
        if (_recompute.Contains(segment.Id) || failing.IsStale(segment.Id))
            return WholeReason.Data;
        return _compare.Contains(segment.Id) ? WholeReason.Repair : null;
    }

    private void Fail(CurrentSegment segment, string reason, WholeReason why)
    {
        // A comparison that fails is tried again the next night.
        failing.Add(segment, reason, isStale: why != WholeReason.Repair);
        _compare.Remove(segment.Id);
        parts.Telemetry.Failed(reason);
    }

    private async Task<Exception?> TryAsync(Computation computation)
    {
        try
        {
            await Task.Run(() => parts.Whole.EvaluateAsync(computation, _stop.Token), CancellationToken.None);
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    private bool IsNight(DateTimeOffset now)
    {
        var today = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero) + parts.Options.RecomputeAt;
        var last = today <= now ? today : today.AddDays(-1);
        return RecomputedAt < last;
    }
}
