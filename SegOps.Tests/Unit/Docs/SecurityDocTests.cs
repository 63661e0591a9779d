using System.Text.RegularExpressions;

namespace SegOps.Tests.Unit.Docs;

/// <summary>Holds docs/security.md against the tests that exist.</summary>
public partial class SecurityDocTests
{
    public static TheoryData<string> NamedTests => [.. TestClass().Matches(Repository.Read("docs/security.md")).Select(match => match.Groups[1].Value).Distinct()];

    [Theory]
    [MemberData(nameof(NamedTests))]
    public void SecurityPage_EveryTestClass_Exists(string name) =>
        Assert.Contains(name, typeof(SecurityDocTests).Assembly.GetTypes().Select(type => type.Name));

    [GeneratedRegex(@"`(\w+Tests)`")]
    private static partial Regex TestClass();
}
