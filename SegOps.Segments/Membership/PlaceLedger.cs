namespace SegOps.Segments.Membership;

/// <summary>Which changes of a place were evaluated. It hands out the oldest ones first, in chunks.</summary>
internal sealed class PlaceLedger(Place place)
{
    private readonly Dictionary<ChangedSecond, long> _evaluated = [];
    private readonly Queue<(Computation Computation, long Users)> _again = [];
    private IReadOnlyDictionary<ChangedSecond, long> _found = new Dictionary<ChangedSecond, long>();
    private Active? _active;

    /// <summary>Whether changes are waiting.</summary>
    internal bool IsBehind => _active is not null || _again.Count > 0 || Waiting().Any();

    /// <summary>The oldest second of a source that is waiting; null if none is.</summary>
    internal DateTimeOffset? Oldest(ChangeSource source) =>
        Waiting().Where(second => second.Source == source).Select(static second => (DateTimeOffset?)second.At).Min();

    /// <summary>Computations after which users wait to be evaluated again.</summary>
    internal IEnumerable<Computation> Again => _again.Select(static again => again.Computation);

    /// <summary>Since when changes are waiting.</summary>
    internal DateTimeOffset? Since => Waiting().Select(static second => (DateTimeOffset?)second.At)
        .Concat(Again.Select(static computation => (DateTimeOffset?)computation.AsOf)).Min();

    /// <summary>Takes the rows that were counted.</summary>
    internal void Found(IReadOnlyDictionary<ChangedSecond, long> rows) => _found = rows;

    /// <summary>Users wait to be evaluated again after a computation.</summary>
    internal void AddAgain(Computation computation, long users) => _again.Enqueue((computation, users));

    /// <summary>Takes all changes as evaluated, because there is nothing to evaluate.</summary>
    internal void Skip()
    {
        _active = null;
        foreach (var (second, rows) in _found)
            _evaluated[second] = rows;
    }

    /// <summary>Forgets seconds that are not compared any more. None of them may be waiting.</summary>
    internal void Forget(long secondsFrom, DateTimeOffset dueFrom)
    {
        // What was found goes too: a second that is found and not known as evaluated is waiting.
        _found = _found.Where(found => !IsOld(found.Key)).ToDictionary();
        foreach (var second in _evaluated.Keys.Where(IsOld).ToList())
            _evaluated.Remove(second);

        bool IsOld(ChangedSecond second) => second.Source == ChangeSource.Data ? second.Second < secondsFrom : second.At < dueFrom;
    }

    /// <summary>The next users to evaluate; null if none wait.</summary>
    internal Chunk? Next(int maxUsers)
    {
        _active ??= Start(maxUsers);
        return _active?.Chunk;
    }

    /// <summary>The chunk was evaluated.</summary>
    /// <returns>A computation whose users were all evaluated again; null if there is none.</returns>
    internal Computation? Done()
    {
        var (chunk, rows) = _active!;
        if (chunk.Part + 1 < chunk.Parts)
        {
            _active = new(chunk with { Part = chunk.Part + 1 }, rows);
            return null;
        }
        _active = null;
        foreach (var (second, count) in rows)
            _evaluated[second] = count;
        return chunk.Computation is null ? null : _again.Dequeue().Computation;
    }

    private Active? Start(int maxUsers)
    {
        if (_again.TryPeek(out var again))
            return new(new(place, [], again.Computation.Number, Parts(again.Users, maxUsers), 0), []);

        Dictionary<ChangedSecond, long> rows = [];
        foreach (var second in Waiting().OrderBy(static second => second.Second))
        {
            if (rows.Count > 0 && rows.Values.Sum() + _found[second] > maxUsers)
                break;
            rows[second] = _found[second];
        }
        return rows.Count == 0 ? null : new(new(place, rows.Keys, null, Parts(rows.Values.Sum(), maxUsers), 0), rows);
    }

    private IEnumerable<ChangedSecond> Waiting() => _found.Where(found => _evaluated.GetValueOrDefault(found.Key) != found.Value).Select(static found => found.Key);

    private static int Parts(long rows, int maxUsers) => (int)((rows + maxUsers - 1) / maxUsers);

    private sealed record Active(Chunk Chunk, Dictionary<ChangedSecond, long> Rows);
}
