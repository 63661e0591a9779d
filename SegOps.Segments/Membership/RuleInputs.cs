using SegOps.Segments.Rules;

namespace SegOps.Segments.Membership;

/// <summary>What a pass copies for its users, so that it evaluates all segments from small tables.</summary>
internal sealed class RuleInputs
{
    private readonly DateTimeOffset _now;
    private DateTimeOffset? _from = DateTimeOffset.MaxValue;

    private RuleInputs(DateTimeOffset now) => _now = now;

    /// <summary>The event types that the rules count.</summary>
    internal SortedSet<string> EventTypes { get; } = new(StringComparer.Ordinal);

    /// <summary>The traits that the rules test.</summary>
    internal SortedSet<string> Traits { get; } = new(StringComparer.Ordinal);

    /// <summary>The earliest event that counts, a day before the earliest window: copies of an event count at its earliest time. Null if all count.</summary>
    internal DateTimeOffset? From => _from is null || _from == DateTimeOffset.MaxValue || _from.Value < DateTimeOffset.UnixEpoch.AddDays(1) ? null : _from.Value.AddDays(-1);

    /// <summary>The inputs of <paramref name="rules"/>.</summary>
    internal static RuleInputs Of(IEnumerable<Rule> rules, DateTimeOffset now)
    {
        var inputs = new RuleInputs(now);
        foreach (var rule in rules)
            inputs.Add(rule);
        return inputs;
    }

    private void Add(Rule rule)
    {
        switch (rule)
        {
            case AllOf all:
                foreach (var inner in all.Rules)
                    Add(inner);
                break;
            case AnyOf any:
                foreach (var inner in any.Rules)
                    Add(inner);
                break;
            case Not not:
                Add(not.Rule);
                break;
            case TraitCondition trait:
                Traits.Add(trait.Path[0]);
                break;
            case EventCondition condition:
                EventTypes.Add(condition.Events.EventType);
                Add(condition.Window);
                break;
            case SequenceCondition sequence:
                EventTypes.Add(sequence.First.EventType);
                EventTypes.Add(sequence.Then.EventType);
                Add(sequence.Window);
                break;
            default:
                throw new InvalidOperationException($"A resolved rule has a {rule.GetType().Name}.");
        }
    }

    private void Add(Window window)
    {
        if (window.From is null)
            _from = null;
        else if (window.From.At(_now) is var from && _from is { } earliest && from < earliest)
            _from = from;
    }
}
