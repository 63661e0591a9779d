using SegOps.Segments.Rules;

namespace SegOps.Tests.Unit.Segments;

public sealed class SegmentReferencesTests
{
    private static readonly Guid A = new("0198c5a0-0000-7000-8000-00000000000a");
    private static readonly Guid B = new("0198c5a0-0000-7000-8000-00000000000b");
    private static readonly Guid C = new("0198c5a0-0000-7000-8000-00000000000c");
    private static readonly Guid D = new("0198c5a0-0000-7000-8000-00000000000d");

    private static readonly TraitCondition IsPro = new(["plan"], new(Operator.Equals, [new TextLiteral("pro")], false));

    [Fact]
    public void Resolve_References_BecomeTheRulesOfTheirSegments()
    {
        var reading = Resolve(new AllOf([IsPro, new Not(To(A))]), (A, new AnyOf([To(B), IsPro])), (B, IsPro));

        Assert.Empty(reading.Faults);
        Assert.Equivalent(new AllOf([IsPro, new Not(new AnyOf([IsPro, IsPro]))]), reading.Rule, strict: true);
    }

    [Fact]
    public void Resolve_ReferencesOverThreeSegments_AreValid() =>
        Assert.Equivalent(IsPro, Resolve(To(A), (A, To(B)), (B, To(C)), (C, IsPro)).Rule);

    [Fact]
    public void Resolve_ReferencesOverFourSegments_AreTooDeep() =>
        AssertFaults(Resolve(new AllOf([IsPro, To(A)]), (A, To(B)), (B, To(C)), (C, To(D)), (D, IsPro)), (RuleFaultCodes.RuleTooDeep, "rule.all[1]"));

    [Fact]
    public void Resolve_TheSameSegmentTwice_IsNoCycle() => Assert.Empty(Resolve(new AllOf([To(A), To(B)]), (A, To(B)), (B, IsPro)).Faults);

    [Fact]
    public void Resolve_ReferenceToItself_IsACycle() =>
        AssertFaults(SegmentReferences.Resolve(new Not(To(A)), _ => IsPro, self: A), (RuleFaultCodes.SegmentCycle, "rule.not"));

    [Fact]
    public void Resolve_ReferenceThatLeadsBack_IsACycle()
    {
        var reading = SegmentReferences.Resolve(new AnyOf([IsPro, To(B)]), id => id == B ? To(A) : IsPro, self: A);

        AssertFaults(reading, (RuleFaultCodes.SegmentCycle, "rule.any[1]"));
        Assert.Contains($"{A} → {B} → {A}", reading.Faults[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_CycleOfOtherSegments_IsACycle() => AssertFaults(Resolve(To(A), (A, To(B)), (B, To(A))), (RuleFaultCodes.SegmentCycle, "rule"));

    [Fact]
    public void Resolve_EachFaultyReference_IsOneFault() => AssertFaults(
        Resolve(new AllOf([To(D), new AnyOf([To(A), To(B)])]), (A, new AllOf([To(D), To(D), To(C)])), (B, IsPro)),
        (RuleFaultCodes.SegmentNotFound, "rule.all[0]"), (RuleFaultCodes.SegmentNotFound, "rule.all[1].any[0]"));

    [Fact]
    public void Resolve_TooManyConditionsTogether_AreTooLarge() =>
        AssertFaults(Resolve(new AllOf([To(A), To(A), To(A)]), (A, new AllOf([.. Enumerable.Repeat(IsPro, 17)]))), (RuleFaultCodes.RuleTooLarge, "rule.all[2]"));

    [Fact]
    public void Resolve_TooManyEventConditionsTogether_AreTooLarge() => AssertFaults(
        Resolve(new AllOf([To(A), To(A)]), (A, new AllOf([.. Enumerable.Repeat(new EventCondition(new("a", null), new(null, null), new Count(1, null)), 6)]))),
        (RuleFaultCodes.RuleTooLarge, "rule.all[1]"));

    [Fact]
    public void Resolve_ReferencesThatMultiply_EndEarly()
    {
        var found = 0;
        var many = new AllOf([.. Enumerable.Repeat(To(B), 50)]);

        var reading = SegmentReferences.Resolve(new AllOf([.. Enumerable.Repeat(To(A), 50)]), id => ++found > 0 && id == A ? many : IsPro, self: null);

        Assert.Equal([RuleFaultCodes.RuleTooLarge], reading.Faults.Select(fault => fault.Code));
        Assert.InRange(found, 1, 1_000);
    }

    private static SegmentReference To(Guid id) => new(id);

    private static RuleReading Resolve(Rule rule, params (Guid Id, Rule Rule)[] segments) =>
        SegmentReferences.Resolve(rule, id => segments.FirstOrDefault(segment => segment.Id == id).Rule, self: null);

    private static void AssertFaults(RuleReading reading, params (string Code, string Path)[] faults)
    {
        Assert.Null(reading.Rule);
        Assert.Equal(faults, reading.Faults.Select(fault => (fault.Code, fault.Path)));
    }
}
