namespace SegOps.Segments.Rules;

/// <summary>A fault of a rule.</summary>
/// <param name="Code">One of <see cref="RuleFaultCodes"/>.</param>
/// <param name="Path">Where it is, such as <c>rule.all[2].where.all[0].operator</c>.</param>
/// <param name="Message">What is wrong and what is valid.</param>
internal sealed record RuleFault(string Code, string Path, string Message);

/// <summary>A rule that was read.</summary>
/// <param name="Rule">The rule; null if it has faults.</param>
/// <param name="Faults">All its faults, in the order of its conditions, up to <see cref="RuleLimits.MaxFaults"/>.</param>
internal sealed record RuleReading(Rule? Rule, IReadOnlyList<RuleFault> Faults);

/// <summary>Limits of a rule. Source: docs/segments.md.</summary>
internal static class RuleLimits
{
    /// <summary>Maximum nesting of groups. The groups of a <c>where</c> are counted on their own.</summary>
    internal const int MaxDepth = 5;

    /// <summary>Maximum conditions of a rule, those of its <c>where</c> and of the segments that it refers to included.</summary>
    internal const int MaxConditions = 50;

    /// <summary>Maximum conditions on events and sequences among them.</summary>
    internal const int MaxEventConditions = 10;

    /// <summary>Maximum values of one list.</summary>
    internal const int MaxValues = 1000;

    /// <summary>Maximum size of a rule's JSON text, in bytes: 128 KiB.</summary>
    internal const int MaxBytes = 128 * 1024;

    /// <summary>Maximum steps from a rule to a segment that it refers to by way of others.</summary>
    internal const int MaxReferenceDepth = 3;

    /// <summary>Maximum names of a path: the levels of a payload.</summary>
    internal const int MaxPathNames = 10;

    /// <summary>Maximum bound of a count.</summary>
    internal const long MaxCount = 1_000_000_000;

    /// <summary>Maximum duration: 36,525 days, which are 100 years.</summary>
    internal static readonly TimeSpan MaxDuration = TimeSpan.FromDays(36_525);

    /// <summary>
    /// The first and last absolute time of a rule, from 1901 to 2298. A time beyond ClickHouse's DateTime64 (1900 to 2299), such as the year 1 or
    /// 9999, can be replaced by its first or last time and still compares the same with every time of a rule.
    /// </summary>
    internal static readonly DateTimeOffset Earliest = new(1901, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>See <see cref="Earliest"/>; exclusive.</summary>
    internal static readonly DateTimeOffset Latest = new(2299, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Maximum faults that are reported at once.</summary>
    internal const int MaxFaults = 100;
}

/// <summary>Codes of the faults. Source: docs/segments.md.</summary>
internal static class RuleFaultCodes
{
    internal const string UnknownOperator = "unknown_operator";
    internal const string OperatorNotForType = "operator_not_for_type";
    internal const string InvalidDuration = "invalid_duration";
    internal const string InvalidTime = "invalid_time";
    internal const string InvalidPath = "invalid_path";
    internal const string InvalidValue = "invalid_value";
    internal const string RuleTooDeep = "rule_too_deep";
    internal const string RuleTooLarge = "rule_too_large";
    internal const string EmptyGroup = "empty_group";
    internal const string EmptyRange = "empty_range";
    internal const string ContradictoryWindow = "contradictory_window";
    internal const string SegmentCycle = "segment_cycle";
    internal const string SegmentNotFound = "segment_not_found";
    internal const string UnknownType = "unknown_type";
    internal const string UnknownMember = "unknown_member";
    internal const string MissingMember = "missing_member";
    internal const string DuplicateMember = "duplicate_member";
    internal const string ConflictingMembers = "conflicting_members";
}

/// <summary>Collects faults, up to <see cref="RuleLimits.MaxFaults"/>.</summary>
internal sealed class FaultList
{
    private readonly List<RuleFault> _faults = [];

    internal IReadOnlyList<RuleFault> Faults => _faults;

    internal void Add(string code, string path, string message)
    {
        if (_faults.Count < RuleLimits.MaxFaults)
            _faults.Add(new(code, path, message));
    }
}
