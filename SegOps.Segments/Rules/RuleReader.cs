using System.Runtime.InteropServices;
using System.Text.Json;

namespace SegOps.Segments.Rules;

/// <summary>Reads a rule from JSON: the rule, or all its faults at once. docs/segments.md has the grammar. Never throws, whatever the JSON.</summary>
internal sealed class RuleReader
{
    private const string Root = "rule";

    private const string ExpectedRule =
        "a group {\"all\":[…]}, {\"any\":[…]} or {\"not\":…}, or a condition with a type: user_property, event, sequence, segment";

    private const string ExpectedPayload = "a group {\"all\":[…]}, {\"any\":[…]} or {\"not\":…}, or a condition with payload, operator and value";

    private static readonly string[] Groups = ["all", "any", "not"];

    private readonly FaultList _faults = new();
    private readonly EventReader _events;
    private int _conditions;
    private int _eventConditions;

    private RuleReader() => _events = new(Where);

    /// <summary>Reads <paramref name="rule"/>.</summary>
    internal static RuleReading Read(JsonElement rule)
    {
        var reader = new RuleReader();
        var read = reader.ReadAll(rule);
        return new(reader._faults.Faults.Count == 0 ? read : null, reader._faults.Faults);
    }

    private Rule? ReadAll(JsonElement rule)
    {
        if (rule.ValueKind == JsonValueKind.Undefined)
        {
            _faults.Add(RuleFaultCodes.MissingMember, Root, $"rule is missing. Valid: {ExpectedRule}.");
            return null;
        }

        // Nothing of a rule that is too large is read, so that its faults are bounded, too.
        var size = JsonMarshal.GetRawUtf8Value(rule).Length;
        if (size > RuleLimits.MaxBytes)
        {
            _faults.Add(RuleFaultCodes.RuleTooLarge, Root, $"The rule has {size} bytes. Valid: at most {RuleLimits.MaxBytes}.");
            return null;
        }

        var read = OneOf(rule, Root, 0, Condition, ExpectedRule);
        if (_conditions > RuleLimits.MaxConditions)
            _faults.Add(RuleFaultCodes.RuleTooLarge, Root, $"The rule has {_conditions} conditions, with those of where. Valid: at most {RuleLimits.MaxConditions}.");
        if (_eventConditions > RuleLimits.MaxEventConditions)
        {
            _faults.Add(RuleFaultCodes.RuleTooLarge, Root,
                $"The rule has {_eventConditions} conditions of the types event and sequence. Valid: at most {RuleLimits.MaxEventConditions}.");
        }

        return read;
    }

    private Rule? Where(JsonElement element, string path) => OneOf(element, path, 0, Payload, ExpectedPayload);

    /// <summary>Reads a group or a condition.</summary>
    /// <param name="element">Any JSON.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="depth">The number of groups around it.</param>
    /// <param name="condition">Reads a condition.</param>
    /// <param name="expected">What is valid, for messages.</param>
    /// <returns>The rule; null if it has a fault.</returns>
    private Rule? OneOf(JsonElement element, string path, int depth, Func<RuleObject, Rule?> condition, string expected)
    {
        if (RuleObject.Read(element, path, _faults, expected) is not { } read)
            return null;

        var groups = Groups.Where(read.Has).ToArray();
        if (groups.Length == 0)
            return condition(read);

        read.AllowOnly(groups);
        if (groups.Length > 1)
            _faults.Add(RuleFaultCodes.ConflictingMembers, path, $"{string.Join(" and ", groups)} are in one object. Valid: one of {string.Join(", ", Groups)}; groups can be nested.");
        if (depth == RuleLimits.MaxDepth)
        {
            _faults.Add(RuleFaultCodes.RuleTooDeep, read.PathOf(groups[0]), $"The group is at level {depth + 1}. Valid: at most {RuleLimits.MaxDepth} levels of groups.");
            return null;
        }

        Rule? group = null;
        foreach (var name in groups)
            group = Group(read, name, depth, condition, expected);
        return group;
    }

    private Rule? Group(RuleObject owner, string name, int depth, Func<RuleObject, Rule?> condition, string expected)
    {
        var path = owner.PathOf(name);
        owner.TryGet(name, out var members);
        if (name == "not")
            return OneOf(members, path, depth + 1, condition, expected) is { } negated ? new Not(negated) : null;

        if (members.ValueKind != JsonValueKind.Array)
        {
            _faults.Add(RuleFaultCodes.InvalidValue, path, $"{name} is {RuleObject.Describe(members)}. Valid: a list of groups and conditions.");
            return null;
        }

        var count = members.GetArrayLength();
        if (count == 0)
            _faults.Add(RuleFaultCodes.EmptyGroup, path, $"{name} is empty. Valid: at least one group or condition.");

        var rules = new List<Rule>(Math.Min(count, RuleLimits.MaxConditions));
        foreach (var (index, member) in members.EnumerateArray().Index())
        {
            if (OneOf(member, $"{path}[{index}]", depth + 1, condition, expected) is { } rule)
                rules.Add(rule);
        }

        return name == "all" ? new AllOf(rules) : new AnyOf(rules);
    }

    private Rule? Condition(RuleObject condition)
    {
        _conditions++;
        if (!condition.TryText("type", ExpectedRule, out var type))
            return null;

        switch (type)
        {
            case "user_property":
                condition.AllowOnly("type", "property", "operator", "value", "ignore_case");
                return Tested(condition, "property") is ({ } trait, { } test) ? new TraitCondition(trait, test) : null;
            case "event":
                _eventConditions++;
                return _events.Event(condition);
            case "sequence":
                _eventConditions++;
                return _events.Sequence(condition);
            case "segment":
                return Segment(condition);
            default:
                var hint = condition.Has("payload") ? " A condition with payload stands in the where of an event." : "";
                _faults.Add(RuleFaultCodes.UnknownType, condition.PathOf("type"),
                    $"{RuleObject.Quote(type)} is not a type. Valid: user_property, event, sequence, segment.{hint}");
                return null;
        }
    }

    private Rule? Payload(RuleObject condition)
    {
        _conditions++;
        if (condition.Has("type"))
        {
            _faults.Add(RuleFaultCodes.UnknownMember, condition.PathOf("type"),
                "A condition in where tests the payload and has no type. Valid: payload, operator, value; conditions with a type stand outside of where.");
            return null;
        }

        condition.AllowOnly("payload", "operator", "value", "ignore_case");
        return Tested(condition, "payload") is ({ } path, { } test) ? new PayloadCondition(path, test) : null;
    }

    private static (IReadOnlyList<string>? Path, Predicate? Test) Tested(RuleObject condition, string member) =>
        (RulePath.Read(condition, member), PredicateReader.Read(condition));

    private SegmentReference? Segment(RuleObject condition)
    {
        condition.AllowOnly("type", "segment_id");
        if (!condition.TryText("segment_id", "the id of a segment", out var text))
            return null;
        if (Guid.TryParseExact(text, "D", out var id))
            return new(id);
        _faults.Add(RuleFaultCodes.InvalidValue, condition.PathOf("segment_id"), $"{RuleObject.Quote(text)} is not an id. Valid: the id of a segment, 32 hexadecimal digits with hyphens.");
        return null;
    }
}
