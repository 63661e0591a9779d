using System.Text.RegularExpressions;

namespace SegOps.Tests.Unit.Docs;

/// <summary>Holds the form of every document: short table cells, and names of files, pages and test namespaces that exist.</summary>
public partial class DocumentTests
{
    private const int MaxCellLength = 200;

    public static TheoryData<string> Documents => [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
        .Concat(["README.md", "CONTRIBUTING.md"])
        .Order(StringComparer.Ordinal)];

    public static TheoryData<string> Decisions => [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs", "decisions"), "*.md")
        .Select(file => $"docs/decisions/{Path.GetFileName(file)}")
        .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Document_EveryTableCell_IsShort(string document) => Assert.All(
        Repository.Read(document).Split('\n').Where(line => line.StartsWith('|')).SelectMany(line => CellBorder().Split(line)),
        cell => Assert.True(cell.Trim().Length <= MaxCellLength, $"The cell has {cell.Trim().Length} characters, of {MaxCellLength} allowed: {cell}"));

    [Theory]
    [MemberData(nameof(Documents))]
    public void Document_EveryLinkIntoTheRepository_LeadsSomewhere(string document) => Assert.All(
        Link().Matches(Repository.Read(document)),
        link =>
        {
            var file = link.Groups["file"].Value;
            var target = file.Length == 0 ? document : Path.Combine(Path.GetDirectoryName(document)!, file);
            var path = Path.GetFullPath(target, Repository.Root);
            Assert.True(Path.Exists(path), $"{link.Value}: {target} does not exist.");
            if (link.Groups["anchor"].Success)
                Assert.Contains(link.Groups["anchor"].Value, Headings(File.ReadAllText(path)));
        });

    [Theory]
    [MemberData(nameof(Decisions))]
    public void Decision_Read_HasTheFormOfARecord(string decision)
    {
        var record = Repository.Read(decision);

        Assert.Equal(["Context", "Decision", "Consequences"], Heading().Matches(record).Select(heading => heading.Groups[1].Value).Skip(1));
        Assert.Matches(StatusAndDate(), record);
    }

    [Fact]
    public void Architecture_EveryFileThatItNames_Exists()
    {
        var named = NamedFile().Matches(Repository.Read("docs/architecture.md")).Select(match => match.Groups[1].Value).ToArray();

        Assert.NotEmpty(named);
        Assert.All(named, file => Assert.True(File.Exists(Path.Combine(Repository.Root, file)), $"{file} does not exist."));
    }

    [Fact]
    public void Architecture_WayOfOneEvent_NamesAtMost25TypesWithTheirFiles()
    {
        var steps = Step().Matches(Repository.Read("docs/architecture.md")).ToArray();

        Assert.InRange(steps.Length, 1, 25);
        Assert.All(steps, step =>
        {
            var (type, file) = (step.Groups["type"].Value, step.Groups["file"].Value);
            Assert.Matches($@"\b(class|struct|record) {type}\b", Repository.Read(file));
        });
    }

    [Fact]
    public void Gate_EachNamespaceThatItFilters_HasTests()
    {
        var filters = NamespaceFilter().Matches(Repository.Read(".ci/run")).Select(match => match.Groups[1].Value).ToArray();
        var namespaces = typeof(DocumentTests).Assembly.GetTypes().Select(type => type.Namespace).OfType<string>().Distinct();

        Assert.NotEmpty(filters);
        Assert.All(filters, filter => Assert.Contains(
            namespaces, name => filter.EndsWith('*') ? name.StartsWith(filter[..^1], StringComparison.Ordinal) : name == filter));
    }

    /// <summary>The anchors of a page, made as GitHub makes them.</summary>
    private static IEnumerable<string> Headings(string page) => Heading().Matches(page)
        .Select(heading => NotInAnchor().Replace(heading.Groups[1].Value.ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex(@"'(SegOps\.Tests\.[\w.]+\*?)'")]
    private static partial Regex NamespaceFilter();

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex CellBorder();

    [GeneratedRegex(@"\]\((?!https?:)(?<file>[^)#\s]*)(#(?<anchor>[^)\s]+))?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#{1,6} (.+?)\r?$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchor();

    [GeneratedRegex(@"\A# \d+\. .+\r?\n\r?\n- Status: (accepted|superseded by \[\d+\]\(.+\))\r?\n- Date: \d{4}-\d{2}-\d{2}\r?\n")]
    private static partial Regex StatusAndDate();

    [GeneratedRegex(@"^\d+\. `(?<type>\w+)`[^(]*\(`(?<file>[\w./]+\.cs)`\)", RegexOptions.Multiline)]
    private static partial Regex Step();

    [GeneratedRegex(@"`((?:[\w.-]+/)+[\w.-]+\.(?:cs|lua|sql|proto|json|js))`")]
    private static partial Regex NamedFile();
}
