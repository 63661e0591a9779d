using System.Text.Json;
using SegOps.Contracts;
using SegOps.Segments.Rules;

namespace SegOps.Tests.Unit.Segments;

/// <summary>
/// What rules mean, in plain loops over the rows of one user: the specification that the SQL is compared with. Rows come in any order, and include
/// copies and what is later than <paramref name="now"/>.
/// </summary>
internal sealed class NaiveEvaluator(IEnumerable<HistoryEvent> rowsOfUser, DateTimeOffset now)
{
    /// <summary>How long before a window copies of its events are looked for. A copy that is older is another event.</summary>
    private static readonly TimeSpan LookBack = TimeSpan.FromDays(1);

    private readonly List<HistoryEvent> _rows = [.. rowsOfUser.Where(row => row.ReceivedAt <= now)];

    public bool Matches(Rule rule) => rule switch
    {
        AllOf all => all.Rules.All(Matches),
        AnyOf any => any.Rules.Any(Matches),
        Not not => !Matches(not.Rule),
        TraitCondition trait => NaiveValue.Matches(Trait(trait.Path), trait.Predicate, now),
        EventCondition events => Matches(events.Measure, InWindow(Events(events.Events, events.Window), events.Window)),
        SequenceCondition sequence => Matches(sequence),
        _ => throw new ArgumentOutOfRangeException(nameof(rule)),
    };

    /// <summary>
    /// The value that the latest identify with the trait wrote. A copy of an identify changes nothing but its time, if it has an earlier one. An identify
    /// never counts as later than its receipt.
    /// </summary>
    private JsonElement? Trait(IReadOnlyList<string> path)
    {
        var latest = _rows.Where(row => row.EventType == EventColumns.IdentifyType && Write(row, path[0]) is not null)
            .GroupBy(row => row.EventId)
            .Select(copies => (At: copies.Min(copy => copy.OccurredAt), First: copies.MinBy(copy => (copy.ReceivedAt, copy.Position))!))
            .OrderBy(write => (Earlier(write.At, write.First.ReceivedAt), write.First.ReceivedAt, write.First.Position, write.First.EventId))
            .LastOrDefault().First;
        return latest is null ? null : NaiveValue.At(Write(latest, path[0]), path.Skip(1));
    }

    /// <summary>What an identify writes to a trait: the last of the first 200 members with its name.</summary>
    private static JsonElement? Write(HistoryEvent identify, string trait) =>
        NaiveValue.Parse(identify.Payload).EnumerateObject().Take(EventLimits.MaxTraits)
            .Where(member => member.Name == trait).Select(member => (JsonElement?)member.Value).LastOrDefault();

    /// <summary>The events of a type that have occurred, each once, at its earliest time.</summary>
    private List<Occurred> Events(EventFilter filter, Window window) =>
    [
        .. _rows.Where(row => row.EventType == filter.EventType && row.OccurredAt <= now)
            .Where(row => window.From is null || row.OccurredAt >= window.From.At(now) - LookBack)
            .GroupBy(row => row.EventId)
            .Select(copies => new Occurred(copies.Key, copies.Min(copy => copy.OccurredAt), NaiveValue.Parse(copies.First().Payload)))
            .Where(occurred => filter.Where is null || MatchesPayload(filter.Where, occurred.Payload)),
    ];

    private List<Occurred> InWindow(List<Occurred> events, Window window) =>
    [
        .. events.Where(each => (window.From is null || each.At >= window.From.At(now)) && (window.To is null || each.At < window.To.At(now))),
    ];

    private bool MatchesPayload(Rule where, JsonElement payload) => where switch
    {
        AllOf all => all.Rules.All(each => MatchesPayload(each, payload)),
        AnyOf any => any.Rules.Any(each => MatchesPayload(each, payload)),
        Not not => !MatchesPayload(not.Rule, payload),
        PayloadCondition condition => NaiveValue.Matches(NaiveValue.At(payload, condition.Path), condition.Predicate, now),
        _ => throw new ArgumentOutOfRangeException(nameof(where)),
    };

    private bool Matches(Measure measure, List<Occurred> events)
    {
        if (measure is Count count)
            return (count.AtLeast is null || events.Count >= count.AtLeast) && (count.AtMost is null || events.Count <= count.AtMost);

        var aggregate = (Aggregate)measure;
        var values = events.Select(each => NaiveValue.At(each.Payload, aggregate.Path)).Where(NaiveValue.IsSet).Select(value => value!.Value).ToList();
        var numbers = values.Where(value => value.ValueKind == JsonValueKind.Number).Select(value => value.GetDouble()).ToList();
        double? figure = aggregate.Function switch
        {
            AggregateFunction.Sum => numbers.Sum(),
            AggregateFunction.Distinct => values.Select(NaiveValue.Canonical).Distinct().Count(),
            _ when numbers.Count == 0 => null,
            AggregateFunction.Min => numbers.Min(),
            AggregateFunction.Max => numbers.Max(),
            AggregateFunction.Average => numbers.Sum() / numbers.Count,
            _ => throw new ArgumentOutOfRangeException(nameof(measure)),
        };
        return figure is { } number && NaiveValue.Matches(JsonSerializer.SerializeToElement(number), aggregate.Predicate, now);
    }

    private bool Matches(SequenceCondition sequence)
    {
        var thens = Events(sequence.Then, sequence.Window);
        var firsts = InWindow(Events(sequence.First, sequence.Window), sequence.Window);
        return sequence.Happens
            ? firsts.Any(first => thens.Any(then => Follows(first, then)))
            : firsts.Any(first => !thens.Any(then => Follows(first, then)) && first.At + sequence.Gap < now);

        bool Follows(Occurred first, Occurred then) =>
            then.Id != first.Id && then.At >= first.At && then.At <= first.At + sequence.Gap && HaveSame(first.Payload, then.Payload);

        bool HaveSame(JsonElement first, JsonElement then) => sequence.Same is null
            || (NaiveValue.At(first, sequence.Same) is { } one && NaiveValue.At(then, sequence.Same) is { } other
                && NaiveValue.IsSet(one) && NaiveValue.Canonical(one) == NaiveValue.Canonical(other));
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private sealed record Occurred(Guid Id, DateTimeOffset At, JsonElement Payload);
}
