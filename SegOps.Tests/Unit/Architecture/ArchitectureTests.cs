using System.Reflection;
using System.Xml.Linq;
using ArchUnitNET.Fluent.Slices;
using ArchUnitNET.Loader;
using ArchUnitNET.xUnitV3;
using SegOps.Tests.Unit.Docs;

namespace SegOps.Tests.Unit.Architecture;

/// <summary>Checks the layout of docs and CONTRIBUTING.md: no circles among a project's folders, and references in one direction only.</summary>
public sealed class ArchitectureTests
{
    private const string ServiceDefaults = "SegOps.ServiceDefaults";

    /// <summary>Projects without a folder to check, and tests.</summary>
    private static readonly string[] NotChecked = ["EmptyAppHost", "SegOps.Tests", "SegOps.Bench.Tests"];

    private static readonly string[] NotServices = ["SegOps.AppHost", ServiceDefaults, "SegOps.Tests"];

    private static readonly string[] ProjectFolders = ["", "libs", "tools", "bench"];

    /// <summary>Paths of all project files, from the repository's root.</summary>
    private static readonly string[] ProjectFiles = [.. ProjectFolders
        .SelectMany(folder => Directory.EnumerateDirectories(Path.Combine(Repository.Root, folder)))
        .SelectMany(folder => Directory.EnumerateFiles(folder, "*.csproj"))
        .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
        .Order(StringComparer.Ordinal)];

    public static TheoryData<string> Projects => [.. ProjectFiles.Select(NameOf).Except(NotChecked)];

    public static TheoryData<string> Libs => [.. ProjectFiles.Where(IsLib)];

    public static TheoryData<string> Services => [.. ProjectFiles.Where(file => file.Count(character => character == '/') == 1 && !NotServices.Contains(NameOf(file)))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Folders_OfAProject_AreFreeOfCycles(string project)
    {
        var architecture = new ArchLoader().LoadAssembly(Assembly.Load(project)).Build();

        FoldersOf(project).Check(architecture);
    }

    [Fact]
    public void Folders_ThatUseEachOther_FailTheRule()
    {
        const string Folder = "SegOps.Tests.Unit.Architecture.Cycle";
        var architecture = new ArchLoader().LoadNamespacesWithinAssembly(typeof(ArchitectureTests).Assembly, Folder).Build();

        Assert.False(FoldersOf(Folder).HasNoViolations(architecture));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void References_OfAService_AreLibsAndServiceDefaults(string project) =>
        Assert.All(ReferencesOf(project), reference => Assert.True(IsLib(reference) || NameOf(reference) == ServiceDefaults, $"{project} references {reference}."));

    /// <summary>ServiceDefaults lies below the libs that use it: it references libs without such a reference, and no service.</summary>
    [Theory]
    [MemberData(nameof(Libs))]
    public void References_OfALib_AreLibsAndServiceDefaults(string project) => References_OfAService_AreLibsAndServiceDefaults(project);

    [Fact]
    public void References_OfServiceDefaults_AreLibs() =>
        Assert.All(ReferencesOf($"{ServiceDefaults}/{ServiceDefaults}.csproj"), reference => Assert.True(IsLib(reference), $"{ServiceDefaults} references {reference}."));

    private static SliceRule FoldersOf(string project) => SliceRuleDefinition.Slices().Matching($"{project}.(**)").Should().BeFreeOfCycles();

    private static string NameOf(string projectFile) => Path.GetFileNameWithoutExtension(projectFile);

    private static bool IsLib(string projectFile) => projectFile.StartsWith("libs/", StringComparison.Ordinal);

    /// <summary>Paths of the referenced project files, from the repository's root.</summary>
    private static IEnumerable<string> ReferencesOf(string projectFile)
    {
        var file = Path.Combine(Repository.Root, projectFile);
        return XDocument.Load(file).Descendants("ProjectReference")
            .Select(reference => reference.Attribute("Include")!.Value.Replace('\\', '/'))
            .Select(path => Path.GetRelativePath(Repository.Root, Path.GetFullPath(path, Path.GetDirectoryName(file)!)).Replace('\\', '/'));
    }
}
