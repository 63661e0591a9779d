namespace SegOps.Tests.Unit.Docs;

/// <summary>The files that this build was made from.</summary>
internal static class Repository
{
    /// <summary>The folder that holds SegOps.sln.</summary>
    public static string Root { get; } = FindRoot(new DirectoryInfo(AppContext.BaseDirectory));

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>The C# files of a service or library, without what the build generates.</summary>
    public static IEnumerable<string> Sources(string project) =>
        Directory.EnumerateFiles(
                new[] { Path.Combine(Root, project), Path.Combine(Root, "libs", project) }.First(Directory.Exists), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
                && !file.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Select(File.ReadAllText);

    private static string FindRoot(DirectoryInfo? folder) => folder switch
    {
        null => throw new InvalidOperationException("These tests read the repository: run them from within it."),
        _ when File.Exists(Path.Combine(folder.FullName, "SegOps.sln")) => folder.FullName,
        _ => FindRoot(folder.Parent),
    };
}
