using System.Text.Json;

namespace SegOps.Segments.Rules;

/// <summary>Reads <c>operator</c>, <c>value</c> and <c>ignore_case</c>.</summary>
internal static class PredicateReader
{
    private const string ExpectedScalar = "a text, a number, true or false";

    /// <summary>What an operator takes as its value.</summary>
    private enum Takes
    {
        Nothing,
        Scalar,
        Scalars,
        Text,
        Number,
        Time,

        /// <summary>Two numbers or two times.</summary>
        Range,
    }

    private static readonly Dictionary<string, (Operator Operator, Takes Takes)> Operators = new(StringComparer.Ordinal)
    {
        ["is_set"] = (Operator.IsSet, Takes.Nothing),
        ["is_not_set"] = (Operator.IsNotSet, Takes.Nothing),
        ["equals"] = (Operator.Equals, Takes.Scalar),
        ["not_equals"] = (Operator.NotEquals, Takes.Scalar),
        ["in"] = (Operator.In, Takes.Scalars),
        ["not_in"] = (Operator.NotIn, Takes.Scalars),
        ["contains"] = (Operator.Contains, Takes.Text),
        ["starts_with"] = (Operator.StartsWith, Takes.Text),
        ["ends_with"] = (Operator.EndsWith, Takes.Text),
        ["greater_than"] = (Operator.GreaterThan, Takes.Number),
        ["at_least"] = (Operator.AtLeast, Takes.Number),
        ["less_than"] = (Operator.LessThan, Takes.Number),
        ["at_most"] = (Operator.AtMost, Takes.Number),
        ["between"] = (Operator.Between, Takes.Range),
        ["before"] = (Operator.Before, Takes.Time),
        ["after"] = (Operator.After, Takes.Time),
        ["has"] = (Operator.Has, Takes.Scalar),
        ["has_any"] = (Operator.HasAny, Takes.Scalars),
        ["has_all"] = (Operator.HasAll, Takes.Scalars),
    };

    /// <summary>Operators of a figure over events, which is a number.</summary>
    private static readonly string[] OfFigures =
        ["equals", "not_equals", "in", "not_in", "greater_than", "at_least", "less_than", "at_most", "between"];

    /// <summary>Reads the test of a value.</summary>
    /// <returns>The test; null if it has a fault.</returns>
    internal static Predicate? Read(RuleObject owner) => Read(owner, [.. Operators.Keys], ofFigure: false);

    /// <summary>Reads the test of a figure over events.</summary>
    /// <returns>The test; null if it has a fault.</returns>
    internal static Predicate? ReadOfFigure(RuleObject owner) => Read(owner, OfFigures, ofFigure: true);

    private static Predicate? Read(RuleObject owner, string[] valid, bool ofFigure)
    {
        var ignoreCase = owner.Flag("ignore_case", otherwise: false);
        if (!owner.TryText("operator", string.Join(", ", valid), out var name))
            return null;
        if (!Operators.TryGetValue(name, out var known))
            return Refuse("operator", RuleFaultCodes.UnknownOperator, $"{RuleObject.Quote(name)} is not an operator. Valid: {string.Join(", ", valid)}.");
        if (!valid.Contains(name))
            return Refuse("operator", RuleFaultCodes.OperatorNotForType, $"{name} is not for the number that aggregate gives. Valid: {string.Join(", ", valid)}.");
        if (ignoreCase && (ofFigure || known.Takes is not (Takes.Scalar or Takes.Scalars or Takes.Text)))
            return Refuse("ignore_case", RuleFaultCodes.OperatorNotForType, $"ignore_case is for texts, and {name} compares none. Valid: leave it out.");
        if (known.Takes == Takes.Nothing)
            return owner.Has("value") ? Refuse("value", RuleFaultCodes.UnknownMember, $"{name} takes no value. Valid: leave it out.") : new(known.Operator, [], false);
        if (!owner.TryRequire("value", Expected(known.Takes), out var value))
            return null;

        return Values(new(owner, name, value), known.Takes, ofFigure) is { } values ? new(known.Operator, values, ignoreCase) : null;

        Predicate? Refuse(string member, string code, string message)
        {
            owner.Faults.Add(code, owner.PathOf(member), message);
            return null;
        }
    }

    private static List<Literal>? Values(Given given, Takes takes, bool ofFigure) => takes switch
    {
        Takes.Scalars => List(given, ofFigure),
        Takes.Range => Range(given, ofFigure),
        Takes.Text => One(Text(given)),
        Takes.Time => One(Time(given)),
        Takes.Number => One(Number(given)),
        _ => One(Scalar(given, ofFigure)),
    };

    private static List<Literal>? One(Literal? literal) => literal is null ? null : [literal];

    private static List<Literal>? List(Given given, bool ofFigure)
    {
        if (given.Value.ValueKind != JsonValueKind.Array)
        {
            given.Refuse(RuleFaultCodes.InvalidValue, $"{given.Operator} takes a list, and value is {RuleObject.Describe(given.Value)}. Valid: {Expected(Takes.Scalars)}");
            return null;
        }

        var length = given.Value.GetArrayLength();
        if (length is 0 or > RuleLimits.MaxValues)
        {
            given.Refuse(length == 0 ? RuleFaultCodes.InvalidValue : RuleFaultCodes.RuleTooLarge, $"The list has {length} values. Valid: 1 to {RuleLimits.MaxValues}");
            return null;
        }

        var literals = new List<Literal>(length);
        var index = 0;
        foreach (var item in given.Value.EnumerateArray())
        {
            if (Scalar(given with { Value = item, Path = $"{given.Path}[{index++}]" }, ofFigure) is { } literal)
                literals.Add(literal);
        }

        return literals.Count == length ? literals : null;
    }

    private static List<Literal>? Range(Given given, bool ofFigure)
    {
        if (given.Value.ValueKind != JsonValueKind.Array || given.Value.GetArrayLength() != 2)
        {
            given.Refuse(RuleFaultCodes.InvalidValue, $"between takes a list of two values, and value is {RuleObject.Describe(given.Value)}. Valid: {Expected(Takes.Range)}");
            return null;
        }

        var low = given with { Value = given.Value[0], Path = $"{given.Path}[0]" };
        var high = given with { Value = given.Value[1], Path = $"{given.Path}[1]" };
        if (!(low.IsNumber && high.IsNumber) && (ofFigure || !low.CanBeTime || !high.CanBeTime))
        {
            given.RefuseOperator($"between takes two numbers{(ofFigure ? "" : " or two times")}, not {RuleObject.Describe(low.Value)} and {RuleObject.Describe(high.Value)}. Valid: {Expected(Takes.Range)}");
            return null;
        }

        var (first, second) = low.IsNumber ? (Number(low), Number(high)) : (Time(low), Time(high));
        if (first is null || second is null)
            return null;
        if (first is NumberLiteral { Number: var least } && second is NumberLiteral { Number: var most } && least > most)
            given.Refuse(RuleFaultCodes.EmptyRange, "The first value is above the second one, so nothing matches. Valid: the lower value first");
        else if (first is TimeLiteral { Moment: var from } && second is TimeLiteral { Moment: var to } && !TimeReader.IsOrdered(from, to, orEqual: true))
            given.Refuse(RuleFaultCodes.ContradictoryWindow, "The first time is after the second one, so nothing matches. Valid: the earlier time first");
        else
            return [first, second];
        return null;
    }

    private static Literal? Scalar(Given given, bool ofFigure) => given.Value.ValueKind switch
    {
        JsonValueKind.Number => Number(given),
        JsonValueKind.String or JsonValueKind.True or JsonValueKind.False when ofFigure =>
            given.Refuse(RuleFaultCodes.OperatorNotForType, $"aggregate gives a number, and this is {RuleObject.Describe(given.Value)}. Valid: a number"),
        JsonValueKind.String => TextOf(given),
        JsonValueKind.True or JsonValueKind.False => new FlagLiteral(given.Value.ValueKind == JsonValueKind.True),
        JsonValueKind.Object => given.Refuse(RuleFaultCodes.OperatorNotForType,
            $"{given.Operator} takes no object. Valid: {ExpectedScalar}; times are compared with before, after and between"),
        JsonValueKind.Null => given.Refuse(RuleFaultCodes.InvalidValue, $"null cannot be compared. Valid: {ExpectedScalar}, or the operators is_set and is_not_set"),
        _ => given.Refuse(RuleFaultCodes.InvalidValue, $"{given.Operator} takes no {(given.Value.ValueKind == JsonValueKind.Array ? "list" : "such value")} here. Valid: {ExpectedScalar}"),
    };

    private static Literal? TextOf(Given given) => RuleObject.TryText(given.Value, out var text)
        ? new TextLiteral(text)
        : given.Refuse(RuleFaultCodes.InvalidValue, "The text has half a surrogate pair. Valid: Unicode text");

    private static Literal? Text(Given given) => given.Value.ValueKind switch
    {
        JsonValueKind.String when given.Value.ValueEquals("") =>
            given.Refuse(RuleFaultCodes.InvalidValue, $"value is empty, and every text would match. Valid: at least one character, or the operator is_set"),
        JsonValueKind.String => TextOf(given),
        _ => given.RefuseOperator($"{given.Operator} compares texts, and value is {RuleObject.Describe(given.Value)}. Valid: a text as value"),
    };

    private static Literal? Number(Given given)
    {
        if (!given.IsNumber)
            return given.RefuseOperator($"{given.Operator} compares numbers, and value is {RuleObject.Describe(given.Value)}. Valid: a number without quotes as value, or before and after for times");
        // A sum with 0 makes minus zero zero.
        return given.Value.TryGetDouble(out var number) && double.IsFinite(number)
            ? new NumberLiteral(number + 0.0)
            : given.Refuse(RuleFaultCodes.InvalidValue, $"{RuleObject.Describe(given.Value)} is too large. Valid: at most 1.79e308");
    }

    private static Literal? Time(Given given)
    {
        if (!given.CanBeTime)
            return given.RefuseOperator($"{given.Operator} compares times, and value is {RuleObject.Describe(given.Value)}. Valid: {TimeReader.ExpectedTime}");
        return TimeReader.Moment(given.Value, given.Path, given.Owner.Faults) is { } moment ? new TimeLiteral(moment) : null;
    }

    private static string Expected(Takes takes) => takes switch
    {
        Takes.Scalars => $"a list of 1 to {RuleLimits.MaxValues} values, each {ExpectedScalar}",
        Takes.Text => "a text",
        Takes.Number => "a number",
        Takes.Time => TimeReader.ExpectedTime,
        Takes.Range => "two numbers such as [10, 20], or two times such as [{\"ago\":\"P30D\"}, {\"ago\":\"P7D\"}]",
        _ => ExpectedScalar,
    };

    /// <summary>A value that is read.</summary>
    /// <param name="Owner">The object that has it.</param>
    /// <param name="Operator">The operator's name.</param>
    /// <param name="Value">The value.</param>
    private sealed record Given(RuleObject Owner, string Operator, JsonElement Value)
    {
        /// <summary>Where the value is.</summary>
        internal string Path { get; init; } = Owner.PathOf("value");

        internal bool IsNumber => Value.ValueKind == JsonValueKind.Number;

        internal bool CanBeTime => Value.ValueKind is JsonValueKind.String or JsonValueKind.Object;

        internal Literal? Refuse(string code, string message)
        {
            Owner.Faults.Add(code, Path, $"{message}.");
            return null;
        }

        internal Literal? RefuseOperator(string message)
        {
            Owner.Faults.Add(RuleFaultCodes.OperatorNotForType, Owner.PathOf("operator"), $"{message}.");
            return null;
        }
    }
}
