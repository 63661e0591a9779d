namespace SegOps.Segments.Rules;

/// <summary>Replaces references to segments by their rules.</summary>
internal static class SegmentReferences
{
    /// <summary>
    /// Replaces each reference in <paramref name="rule"/>, and those in the rules of these segments. Each faulty reference of the rule gives one
    /// fault, with its path in the rule.
    /// </summary>
    /// <param name="rule">A valid rule.</param>
    /// <param name="find">Finds the rule of a segment of the same project and environment; null if there is none.</param>
    /// <param name="self">The segment whose rule it is; null for a rule that is not saved.</param>
    internal static RuleReading Resolve(Rule rule, Func<Guid, Rule?> find, Guid? self)
    {
        var resolver = new Resolver(find);
        var resolved = resolver.Resolve(rule, "rule", self is { } id ? [id] : [], self is null ? 0 : 1);
        return new(resolver.Faults.Count == 0 ? resolved : null, resolver.Faults);
    }

    /// <param name="find">Finds the rule of a segment.</param>
    private sealed class Resolver(Func<Guid, Rule?> find)
    {
        private readonly FaultList _faults = new();
        private int _conditions;
        private int _eventConditions;
        private bool _isTooLarge;

        internal IReadOnlyList<RuleFault> Faults => _faults.Faults;

        /// <summary>Resolves a rule.</summary>
        /// <param name="rule">The rule.</param>
        /// <param name="path">Its path; within a segment that is referred to, that of the reference.</param>
        /// <param name="chain">The segments whose rules lead here, from the outermost.</param>
        /// <param name="own">How many of them are the rule's own segment: 0 or 1.</param>
        internal Rule Resolve(Rule rule, string path, Guid[] chain, int own)
        {
            var isReferred = chain.Length > own;
            switch (rule)
            {
                case AllOf all:
                    return new AllOf([.. all.Rules.Select((each, index) => Resolve(each, isReferred ? path : $"{path}.all[{index}]", chain, own))]);
                case AnyOf any:
                    return new AnyOf([.. any.Rules.Select((each, index) => Resolve(each, isReferred ? path : $"{path}.any[{index}]", chain, own))]);
                case Not not:
                    return new Not(Resolve(not.Rule, isReferred ? path : $"{path}.not", chain, own));
                case SegmentReference reference:
                    return Refer(reference, path, chain, own);
                default:
                    Count(rule, path);
                    return rule;
            }
        }

        private Rule Refer(SegmentReference reference, string path, Guid[] chain, int own)
        {
            var id = reference.SegmentId;
            var depth = chain.Length - own + 1;
            if (chain.Contains(id))
                Refuse(RuleFaultCodes.SegmentCycle, $"The reference leads back to the segment {id}: {string.Join(" → ", chain.Append(id))}. Valid: no reference to the segment itself, also by way of others.");
            else if (depth > RuleLimits.MaxReferenceDepth)
                Refuse(RuleFaultCodes.RuleTooDeep, $"The reference leads over {depth} segments: {string.Join(" → ", chain.Skip(own).Append(id))}. Valid: at most {RuleLimits.MaxReferenceDepth}.");
            else if (find(id) is not { } referred)
                Refuse(RuleFaultCodes.SegmentNotFound, $"There is no segment {id}{(depth > 1 ? ", to which a segment of the rule refers" : "")}. Valid: a segment of this project and environment.");
            else if (!_isTooLarge)
                return Resolve(referred, path, [.. chain, id], own);
            return reference;

            void Refuse(string code, string message)
            {
                // One fault for each reference of the rule itself.
                if (!Faults.Any(fault => fault.Path == path && fault.Code != RuleFaultCodes.RuleTooLarge))
                    _faults.Add(code, path, message);
            }
        }

        /// <summary>Counts the conditions of the rule as it is evaluated. It ends early, because references multiply.</summary>
        private void Count(Rule condition, string path)
        {
            _conditions += 1 + RuleConditions.CountWhere(condition);
            _eventConditions += condition is EventCondition or SequenceCondition ? 1 : 0;
            if (_isTooLarge || (_conditions <= RuleLimits.MaxConditions && _eventConditions <= RuleLimits.MaxEventConditions))
                return;

            _isTooLarge = true;
            _faults.Add(RuleFaultCodes.RuleTooLarge, path,
                $"The rule and those of the segments that it refers to have too many conditions. Valid: {RuleLimits.MaxConditions}, and {RuleLimits.MaxEventConditions} of the types event and sequence.");
        }
    }
}
