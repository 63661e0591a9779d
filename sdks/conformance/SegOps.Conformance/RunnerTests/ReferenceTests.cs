using SegOps.Conformance.Playing;
using SegOps.Conformance.Reference;
using SegOps.Conformance.Scenarios;
using SegOps.Conformance.Sdks;

namespace SegOps.Conformance.RunnerTests;

/// <summary>Every scenario can be passed: by a client that keeps the rules.</summary>
public sealed class ReferenceTests
{
    public static TheoryData<string> Scenarios => [.. AllScenarios.Selected.Select(scenario => scenario.ToString())];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public Task Scenario_ClientThatKeepsTheRules_Passes(string scenario) => Run.PlayAsync(Reference(), AllScenarios.Of(scenario));

    /// <summary>This program as the reference client with these faults.</summary>
    internal static Sdk Reference(params Fault[] faults) =>
        new("reference", Environment.ProcessPath!, [ReferenceDriver.Argument, .. faults.Select(fault => fault.ToString())]) { Persists = true };
}
