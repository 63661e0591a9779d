using System.Collections.Concurrent;
using SegOps.AppHost.Resources.Redis;

namespace SegOps.Bench.Chaos;

/// <summary>What clients know of an event.</summary>
internal enum Outcome
{
    /// <summary>No answer told what became of it: it may be stored or not.</summary>
    Unanswered,

    /// <summary>A 202 named it.</summary>
    Accepted,

    /// <summary>An answer refused it.</summary>
    Refused,
}

/// <summary>The events sent with one key, and what became of them: about 100 bytes each.</summary>
internal sealed class SentEvents(DemoKey key)
{
    private readonly ConcurrentDictionary<Guid, Outcome> _outcomes = new();

    internal DemoKey Key => key;

    internal string Environment => key == DemoKeys.Test ? "test" : "live";

    internal int Count => _outcomes.Count;

    /// <summary>Notes events before they are sent for the first time.</summary>
    internal void Add(IEnumerable<Guid> ids)
    {
        foreach (var id in ids)
            _outcomes.TryAdd(id, Outcome.Unanswered);
    }

    /// <summary>Notes what an answer says of an event. What was accepted once stays accepted.</summary>
    internal void Settle(Guid id, Outcome outcome) =>
        _outcomes.AddOrUpdate(id, outcome, (_, before) => before == Outcome.Accepted ? before : outcome);

    /// <summary>What is known of an event; null when it was never sent.</summary>
    internal Outcome? OutcomeOf(Guid id) => _outcomes.TryGetValue(id, out var outcome) ? outcome : null;

    internal IEnumerable<Guid> With(Outcome outcome) => _outcomes.Where(sent => sent.Value == outcome).Select(sent => sent.Key);
}
