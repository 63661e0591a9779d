using SegOps.Conformance.Playing;
using SegOps.Conformance.Scenarios;
using SegOps.Conformance.Sdks;

[assembly: AssemblyFixture(typeof(SegOps.Conformance.ResultTable))]

namespace SegOps.Conformance;

/// <summary>Every scenario with every SDK.</summary>
public sealed class ConformanceTests(ResultTable table)
{
    public static TheoryData<string, string> Cases =>
        [.. from sdk in Sdk.Selected from scenario in AllScenarios.For(sdk) select (sdk.Name, scenario.ToString())];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Sdk_InScenario_KeepsTheRules(string sdk, string scenario)
    {
        table.Begin(sdk, scenario);
        if (Sdk.Of(sdk).Toolchain is { } toolchain)
            Assert.SkipUnless(File.Exists(toolchain), $"The toolchain of {sdk} is not installed: {toolchain} does not exist. Run sdks/{sdk}/toolchain.sh.");
        table.Fail(sdk, scenario);
        await Run.PlayAsync(Sdk.Of(sdk), AllScenarios.Of(scenario));
        table.Pass(sdk, scenario);
    }
}
