using System.Text.RegularExpressions;

namespace SegOps.Tests.Unit.Docs;

/// <summary>Holds the app host, which needs a feed with Aspire to be built, against what the solution holds.</summary>
public partial class AppHostTests
{
    private static readonly string Model = Repository.Read("SegOps.AppHost/AppHost.cs");
    private static readonly string Project = Repository.Read("SegOps.AppHost/SegOps.AppHost.csproj");

    [Fact]
    public void AppHost_ProjectsThatItStarts_AreThoseThatItReferences()
    {
        var started = StartedProject().Matches(Model).Select(match => match.Groups[1].Value.Replace('_', '.')).Order();
        var referenced = ReferencedProject().Matches(Project).Select(match => match.Groups[1].Value).Order();

        Assert.Equal(referenced, started);
    }

    [Fact]
    public void AppHost_ProjectsThatItReferences_Exist() => Assert.All(
        ReferencedProject().Matches(Project),
        match => Assert.True(File.Exists(Path.Combine(Repository.Root, match.Groups[1].Value, match.Groups[1].Value + ".csproj"))));

    [Fact]
    public void AppHost_TheFourServices_AreNamedAsTheirTelemetryIs() => Assert.Superset(
        new HashSet<string> { "gateway", "ingestion", "ingestor", "monitoring" },
        StartedProjectName().Matches(Model).Select(match => match.Groups[1].Value).ToHashSet());

    [Fact]
    public void AppHost_EveryContainer_HasAPinnedTag()
    {
        var containers = Container().Matches(Model);

        Assert.NotEmpty(containers);
        Assert.All(containers, container => Assert.Matches(@"^\d+\.\d+\.\d+", container.Groups["tag"].Value));
    }

    [Fact]
    public void AppHost_ItsSdk_IsOfTheCentralAspireVersion()
    {
        var sdk = Regex.Match(Project, """Aspire\.AppHost\.Sdk" Version="([^"]+)""").Groups[1].Value;
        var central = Regex.Match(Repository.Read("Directory.Packages.props"), "<AspireVersion>([^<]+)<").Groups[1].Value;

        Assert.Equal(central, sdk);
    }

    [GeneratedRegex(@"AddProject<Projects\.(\w+)>")]
    private static partial Regex StartedProject();

    [GeneratedRegex("""AddProject<Projects\.\w+>\("([^"]+)"\)""")]
    private static partial Regex StartedProjectName();

    [GeneratedRegex("""ProjectReference Include="\.\.\\([\w.]+)\\""")]
    private static partial Regex ReferencedProject();

    [GeneratedRegex("""AddContainer\("[^"]+", "[^"]+"(, "(?<tag>[^"]+)")?\)|WithImageTag\("(?<tag>[^"]+)"\)""")]
    private static partial Regex Container();
}
