using System.Text;
using System.Text.Json;
using SegOps.Contracts;

namespace SegOps.Segments.Rules;

/// <summary>Reads durations, times and windows.</summary>
internal static class TimeReader
{
    internal const string ExpectedTime = "a time such as \"2026-01-31T13:45:00Z\", {\"ago\":\"P14D\"} or {\"in\":\"PT2H\"}";

    private const string ExpectedDuration = "an ISO 8601 duration of weeks, days, hours and minutes, such as P2W, P30D, PT90M or P1DT12H";

    /// <summary>The parts of a duration, in their order. Months and years differ in length, and a rule is not exact to the second.</summary>
    private static readonly (char Designator, bool OfTime, long Ticks)[] Parts =
    [
        ('W', false, 7 * TimeSpan.TicksPerDay),
        ('D', false, TimeSpan.TicksPerDay),
        ('H', true, TimeSpan.TicksPerHour),
        ('M', true, TimeSpan.TicksPerMinute),
    ];

    /// <summary>Reads <c>within</c>, or <c>from</c> and <c>to</c>.</summary>
    /// <returns>The window; null if it has a fault.</returns>
    internal static Window? Window(RuleObject owner)
    {
        if (owner.TryGet("within", out var within))
        {
            if (owner.Has("from") || owner.Has("to"))
                owner.Faults.Add(RuleFaultCodes.ConflictingMembers, owner.PathOf("within"), "within is beside from or to. Valid: either within, or from and to.");
            return Duration(within, owner.PathOf("within"), owner.Faults, zero: false) is { } duration ? new(new Relative(-duration), null) : null;
        }

        Moment? from = null, to = null;
        var valid = true;
        if (owner.TryGet("from", out var start))
            valid = (from = Moment(start, owner.PathOf("from"), owner.Faults)) is not null;
        if (owner.TryGet("to", out var end))
            valid &= (to = Moment(end, owner.PathOf("to"), owner.Faults)) is not null;
        if (!valid)
            return null;

        // Events after now do not count. A window from an absolute time in the future is one that begins later.
        if (from is Relative { Offset: var offset } && offset > TimeSpan.Zero)
            return Contradict("from", "is after now, and events after now do not count. Valid: a time, or {\"ago\":…}.");
        return IsOrdered(from, to, orEqual: false) ? new(from, to) : Contradict("to", "is not after from. Valid: a later time, because to is exclusive.");

        Window? Contradict(string member, string why)
        {
            owner.Faults.Add(RuleFaultCodes.ContradictoryWindow, owner.PathOf(member), $"{member} {why}");
            return null;
        }
    }

    /// <summary>Whether <paramref name="from"/> is before <paramref name="to"/>, as far as that does not depend on now.</summary>
    internal static bool IsOrdered(Moment? from, Moment? to, bool orEqual)
    {
        var order = (from, to) switch
        {
            (Instant first, Instant second) => first.Time.CompareTo(second.Time),
            (Relative first, Relative second) => first.Offset.CompareTo(second.Offset),
            _ => -1,
        };
        return order < 0 || (orEqual && order == 0);
    }

    /// <summary>Reads an absolute or a relative time.</summary>
    /// <returns>The time; null if it has a fault.</returns>
    internal static Moment? Moment(JsonElement value, string path, FaultList faults)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return Absolute(value, path, faults);
        if (RuleObject.Read(value, path, faults, ExpectedTime) is not { } relative)
            return null;

        var isAgo = relative.TryGet("ago", out var duration);
        if (isAgo == relative.Has("in"))
        {
            faults.Add(RuleFaultCodes.InvalidTime, path, $"A relative time has either ago or in. Valid: {ExpectedTime}.");
            return null;
        }

        relative.AllowOnly("ago", "in");
        if (!isAgo)
            relative.TryGet("in", out duration);
        return Duration(duration, relative.PathOf(isAgo ? "ago" : "in"), faults, zero: true) is { } offset ? new Relative(isAgo ? -offset : offset) : null;
    }

    private static Instant? Absolute(JsonElement value, string path, FaultList faults)
    {
        if (!RuleObject.TryText(value, out var text) || text.Length > TimestampParser.MaxLength
            || !TimestampParser.TryParse(Encoding.UTF8.GetBytes(text), out var ticks))
        {
            faults.Add(RuleFaultCodes.InvalidTime, path, $"{RuleObject.NameOf(path)} is {RuleObject.Describe(value)}. Valid: {ExpectedTime}.");
            return null;
        }

        if (ticks >= RuleLimits.Earliest.Ticks && ticks < RuleLimits.Latest.Ticks)
            return new(new(ticks, TimeSpan.Zero));
        faults.Add(RuleFaultCodes.InvalidTime, path, $"{RuleObject.Quote(text)} is out of range. Valid: the years {RuleLimits.Earliest.Year} to {RuleLimits.Latest.Year - 1}.");
        return null;
    }

    /// <summary>Reads an ISO 8601 duration of weeks, days, hours and minutes.</summary>
    /// <param name="value">Any JSON.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="faults">Takes its fault.</param>
    /// <param name="zero">Whether it may be zero.</param>
    /// <returns>The duration; null if it has a fault.</returns>
    internal static TimeSpan? Duration(JsonElement value, string path, FaultList faults, bool zero)
    {
        if (!RuleObject.TryText(value, out var text) || !TryDuration(text, out var ticks))
            return Refuse($"{RuleObject.NameOf(path)} is {RuleObject.Describe(value)}. Valid: {ExpectedDuration}; months, years, seconds and fractions are not.");
        if (ticks > RuleLimits.MaxDuration.Ticks)
            return Refuse($"{RuleObject.Quote(text)} is too long. Valid: at most P{RuleLimits.MaxDuration.Days}D.");
        return ticks > 0 || zero ? TimeSpan.FromTicks(ticks) : Refuse($"{RuleObject.Quote(text)} is no time. Valid: at least PT1M.");

        TimeSpan? Refuse(string message)
        {
            faults.Add(RuleFaultCodes.InvalidDuration, path, message);
            return null;
        }
    }

    /// <summary>Parses a duration. One that is too long gives a number of ticks above the maximum.</summary>
    private static bool TryDuration(string text, out long ticks)
    {
        ticks = 0;
        if (text.Length < 3 || text[0] != 'P')
            return false;

        var at = 1;
        var next = 0;
        var inTime = false;
        while (at < text.Length)
        {
            if (text[at] == 'T' && !inTime)
            {
                inTime = true;
                at++;
            }

            var digits = at;
            long number = 0;
            for (; at < text.Length && char.IsAsciiDigit(text[at]); at++)
                number = Math.Min((number * 10) + (text[at] - '0'), int.MaxValue);
            if (at == digits || at == text.Length || !TryPart(text[at], inTime, ref next, out var unit))
                return false;
            ticks = Math.Min(ticks + (long)Int128.Min((Int128)number * unit, RuleLimits.MaxDuration.Ticks + 1), RuleLimits.MaxDuration.Ticks + 1);
            at++;
        }

        return true;
    }

    private static bool TryPart(char designator, bool inTime, ref int next, out long unit)
    {
        for (; next < Parts.Length; next++)
        {
            if (Parts[next].Designator == designator && Parts[next].OfTime == inTime)
            {
                unit = Parts[next++].Ticks;
                return true;
            }
        }

        unit = 0;
        return false;
    }
}
