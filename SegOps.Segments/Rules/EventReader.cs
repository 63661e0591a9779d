using System.Text.Json;
using SegOps.Contracts;

namespace SegOps.Segments.Rules;

/// <summary>Reads conditions on events and sequences.</summary>
/// <param name="where">Reads the rule of a <c>where</c> at a path; null if it has a fault.</param>
internal sealed class EventReader(Func<JsonElement, string, Rule?> where)
{
    private const string ExpectedCount =
        "an object with at_least, at_most, or both, with exactly, or with between such as {\"between\":[2,5]}; whole numbers from 0 to 1000000000";

    private static readonly Dictionary<string, AggregateFunction> Functions = new(StringComparer.Ordinal)
    {
        ["sum"] = AggregateFunction.Sum,
        ["min"] = AggregateFunction.Min,
        ["max"] = AggregateFunction.Max,
        ["avg"] = AggregateFunction.Average,
        ["distinct"] = AggregateFunction.Distinct,
    };

    private static readonly string ExpectedAggregate = $"an object with one of {string.Join(", ", Functions.Keys)}, such as {{\"sum\":\"total\"}}";

    /// <summary>Reads a condition of the type event.</summary>
    internal EventCondition? Event(RuleObject condition)
    {
        condition.AllowOnly("type", "event_type", "where", "count", "aggregate", "operator", "value", "within", "from", "to");
        var filter = Filter(condition);
        var window = TimeReader.Window(condition);
        var measure = Measure(condition);
        return filter is null || window is null || measure is null ? null : new(filter, window, measure);
    }

    /// <summary>Reads a condition of the type sequence.</summary>
    internal SequenceCondition? Sequence(RuleObject condition)
    {
        condition.AllowOnly("type", "first", "then", "gap", "same", "happens", "within", "from", "to");
        var first = Step(condition, "first");
        var then = Step(condition, "then");
        var gap = condition.TryRequire("gap", "a duration such as P1D", out var duration)
            ? TimeReader.Duration(duration, condition.PathOf("gap"), condition.Faults, zero: false)
            : null;
        var same = condition.Has("same") ? RulePath.Read(condition, "same") : null;
        var happens = condition.Flag("happens", otherwise: true);
        var window = TimeReader.Window(condition);
        return first is null || then is null || gap is null || window is null ? null : new(first, then, gap.Value, same, happens, window);
    }

    private EventFilter? Step(RuleObject sequence, string member)
    {
        const string Expected = "an object with event_type and maybe where";
        if (!sequence.TryRequire(member, Expected, out var element)
            || RuleObject.Read(element, sequence.PathOf(member), sequence.Faults, Expected) is not { } step)
            return null;
        step.AllowOnly("event_type", "where");
        return Filter(step);
    }

    private EventFilter? Filter(RuleObject owner)
    {
        var hasType = owner.TryText("event_type", "the type of the events, such as order_placed", out var type);
        if (hasType && type!.EnumerateRunes().Count() is 0 or > EventLimits.MaxEventTypeLength)
        {
            owner.Faults.Add(RuleFaultCodes.InvalidValue, owner.PathOf("event_type"),
                $"event_type is {RuleObject.Quote(type!)}. Valid: 1 to {EventLimits.MaxEventTypeLength} characters.");
            hasType = false;
        }

        Rule? condition = null;
        var valid = !owner.TryGet("where", out var element) || (condition = where(element, owner.PathOf("where"))) is not null;
        return hasType && valid ? new(type!, condition) : null;
    }

    private static Measure? Measure(RuleObject condition)
    {
        if (condition.TryGet("aggregate", out var aggregate))
        {
            if (condition.Has("count"))
                condition.Faults.Add(RuleFaultCodes.ConflictingMembers, condition.PathOf("count"), "count is beside aggregate. Valid: one of them.");
            var figure = Figure(aggregate, condition);
            var test = PredicateReader.ReadOfFigure(condition);
            return figure is null || test is null ? null : new Aggregate(figure.Value.Function, figure.Value.Path, test);
        }

        if (condition.Has("operator") || condition.Has("value"))
        {
            condition.Faults.Add(RuleFaultCodes.MissingMember, condition.PathOf("aggregate"),
                $"operator and value test an aggregate, which is missing. Valid: {ExpectedAggregate}; or count; or where to test the payload.");
        }

        return condition.TryGet("count", out var count) ? Count(count, condition) : new Count(1, null);
    }

    private static (AggregateFunction Function, IReadOnlyList<string> Path)? Figure(JsonElement element, RuleObject condition)
    {
        var path = condition.PathOf("aggregate");
        if (RuleObject.Read(element, path, condition.Faults, ExpectedAggregate) is not { } aggregate)
            return null;

        aggregate.AllowOnly([.. Functions.Keys]);
        var names = Functions.Keys.Where(aggregate.Has).ToArray();
        if (names.Length == 1)
            return RulePath.Read(aggregate, names[0]) is { } property ? (Functions[names[0]], property) : null;
        condition.Faults.Add(names.Length == 0 ? RuleFaultCodes.MissingMember : RuleFaultCodes.ConflictingMembers, path,
            $"aggregate has {names.Length} functions. Valid: {ExpectedAggregate}.");
        return null;
    }

    private static Count? Count(JsonElement element, RuleObject condition)
    {
        var path = condition.PathOf("count");
        var faults = condition.Faults;
        if (RuleObject.Read(element, path, faults, ExpectedCount) is not { } count)
            return null;

        count.AllowOnly("at_least", "at_most", "exactly", "between");
        var isRange = count.Has("at_least") || count.Has("at_most");
        var given = (isRange ? 1 : 0) + (count.Has("exactly") ? 1 : 0) + (count.Has("between") ? 1 : 0);
        if (given != 1)
        {
            faults.Add(given == 0 ? RuleFaultCodes.MissingMember : RuleFaultCodes.ConflictingMembers, path,
                $"count has {(given == 0 ? "no bound" : "several bounds")}. Valid: {ExpectedCount}.");
            return null;
        }

        long? least = null, most = null;
        var valid = true;
        if (count.TryGet("between", out var between))
            valid = Bounds(between, count, out least, out most);
        else if (count.TryGet("exactly", out var exactly))
            valid = Bound(exactly, count.PathOf("exactly"), faults, out least) && Bound(exactly, count.PathOf("exactly"), faults, out most);
        if (count.TryGet("at_least", out var atLeast))
            valid = Bound(atLeast, count.PathOf("at_least"), faults, out least);
        if (count.TryGet("at_most", out var atMost))
            valid &= Bound(atMost, count.PathOf("at_most"), faults, out most);
        if (!valid)
            return null;

        if (least > most)
            faults.Add(RuleFaultCodes.EmptyRange, path, $"The lower bound {least} is above the upper bound {most}, so nothing matches. Valid: the lower bound first.");
        else if (least == 0 && most is null)
            faults.Add(RuleFaultCodes.EmptyRange, count.PathOf("at_least"), "Every user has at least 0 events. Valid: at_least 1, or at_most.");
        else
            return new(least == 0 ? null : least, most);
        return null;
    }

    private static bool Bounds(JsonElement between, RuleObject count, out long? least, out long? most)
    {
        (least, most) = (null, null);
        var path = count.PathOf("between");
        if (between.ValueKind == JsonValueKind.Array && between.GetArrayLength() == 2)
            return Bound(between[0], $"{path}[0]", count.Faults, out least) & Bound(between[1], $"{path}[1]", count.Faults, out most);
        count.Faults.Add(RuleFaultCodes.InvalidValue, path, $"between is {RuleObject.Describe(between)}. Valid: two whole numbers such as [2, 5].");
        return false;
    }

    private static bool Bound(JsonElement value, string path, FaultList faults, out long? bound)
    {
        bound = null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number)
            && number >= 0 && number <= RuleLimits.MaxCount && number == Math.Floor(number))
        {
            bound = (long)number;
            return true;
        }

        faults.Add(RuleFaultCodes.InvalidValue, path, $"{RuleObject.NameOf(path)} is {RuleObject.Describe(value)}. Valid: a whole number from 0 to {RuleLimits.MaxCount}.");
        return false;
    }
}
