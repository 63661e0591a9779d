namespace SegOps.Standalone.Processes;

/// <summary>What to run as a child process. It inherits this process's environment, then <paramref name="Environment"/> on top.</summary>
/// <param name="FileName">A path, or a name to be found on PATH.</param>
/// <param name="Arguments">Passed as they are; no shell reads them.</param>
/// <param name="Environment">Variables to set; null as a value removes one.</param>
internal sealed record ChildCommand(
    string FileName,
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string?>? Environment = null)
{
    /// <summary>Finds an executable on this process's PATH; null when there is none.</summary>
    public static string? FindOnPath(string name) => (System.Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(directory => Path.Combine(directory, name))
        .FirstOrDefault(File.Exists);
}
