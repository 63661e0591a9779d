using System.Collections.Concurrent;
using SegOps.AppHost.Resources.Redis;

namespace SegOps.Bench.Chaos;

/// <summary>What a client knows about an event.</summary>
internal enum Outcome
{
    /// <summary>There was no conclusive answer. The event may be stored.</summary>
    Unanswered,

    /// <summary>A 202 named the event.</summary>
    Accepted,

    /// <summary>An answer refused the event.</summary>
    Refused,
}

/// <summary>The events sent with one key, and their outcomes. About 100 bytes each.</summary>
internal sealed class SentEvents(DemoKey key)
{
    private readonly ConcurrentDictionary<Guid, Outcome> _outcomes = new();

    internal DemoKey Key => key;

    internal string Environment => key == DemoKeys.Test ? "test" : "live";

    internal int Count => _outcomes.Count;

    /// <summary>Records events before they are first sent.</summary>
    internal void Add(IEnumerable<Guid> ids)
    {
        foreach (var id in ids)
            _outcomes.TryAdd(id, Outcome.Unanswered);
    }

    /// <summary>Records the outcome of an event. An accepted event stays accepted.</summary>
    internal void Settle(Guid id, Outcome outcome) =>
        _outcomes.AddOrUpdate(id, outcome, (_, before) => before == Outcome.Accepted ? before : outcome);

    /// <summary>The outcome of an event. Null if it was never sent.</summary>
    internal Outcome? OutcomeOf(Guid id) => _outcomes.TryGetValue(id, out var outcome) ? outcome : null;

    internal IEnumerable<Guid> With(Outcome outcome) => _outcomes.Where(sent => sent.Value == outcome).Select(sent => sent.Key);
}
